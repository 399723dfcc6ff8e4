package hybrid

import (
	"encoding/base64"
	"fmt"
)

// ListenPath is where an authenticator hears of the clients that are linked with
// it; its contact ID follows, as after ContactPath. That way is ours: CTAP leaves
// to each tunnel service how it reaches its authenticators, and those of the
// assigned domains do it by messages that nobody else can send.
const ListenPath = "/cable/listen/"

// ListenContactPath is where an authenticator listens, and what it deletes to be
// reached no more.
func ListenContactPath(contactID []byte) string {
	return ListenPath + base64.RawURLEncoding.EncodeToString(contactID)
}

// Summons is what an authenticator hears where it listens: a linked client waits
// for it in a tunnel, at [ConnectTunnelPath].
type Summons struct {
	Routing RoutingID
	Tunnel  TunnelID
	Contact *Contact
}

// summonsHead is the length in bytes of what comes before the contact.
const summonsHead = len(RoutingID{}) + len(TunnelID{})

// Encode returns routing ID, tunnel ID and the value of PayloadHeader, one after
// the other.
func (s *Summons) Encode() []byte {
	out := append(s.Routing[:], s.Tunnel[:]...)
	return append(out, s.Contact.Header()...)
}

// DecodeSummons reads what [Summons.Encode] makes. The error wraps [ErrContact].
func DecodeSummons(message []byte) (*Summons, error) {
	if len(message) < summonsHead {
		return nil, fmt.Errorf("%w: a summons of %d bytes", ErrContact, len(message))
	}
	contact, err := ParseContact(string(message[summonsHead:]))
	if err != nil {
		return nil, err
	}
	return &Summons{Routing: RoutingID(message), Tunnel: TunnelID(message[len(RoutingID{}):]), Contact: contact}, nil
}
