package hybrid

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// What a tunnel service and those who use it say in HTTP, before a connection
// becomes a WebSocket.
const (
	Subprotocol = "fido.cable"

	NewPath     = "/cable/new/"     // then the tunnel ID: an authenticator after a QR code
	ConnectPath = "/cable/connect/" // then routing ID, "/" and tunnel ID: the other side
	ContactPath = "/cable/contact/" // then the contact ID: a client that is linked

	RoutingHeader = "X-caBLE-Routing-ID"        // of the response to NewPath
	PayloadHeader = "X-caBLE-Client-Payload"    // of the request to ContactPath, a [Contact]
	SignalHeader  = "X-caBLE-Signal-Connection" // "true" in that request, and in the response if the signal will come
)

// Connected is the one byte of the first message that a tunnel service sends to a
// client that asked for a signal: the linked authenticator is there.
const Connected byte = 0

// MaxMessage is the length in bytes of the longest message in a tunnel.
const MaxMessage = 1 << 20

// TunnelID names a tunnel. It is known to those alone who have seen the QR code,
// and to the tunnel service.
type TunnelID [16]byte

// RoutingID tells a tunnel service where in itself a tunnel is.
type RoutingID [3]byte

// String returns the hexadecimal digits, as URLs have them.
func (t TunnelID) String() string { return strings.ToUpper(hex.EncodeToString(t[:])) }

// String returns the hexadecimal digits, as URLs and headers have them.
func (r RoutingID) String() string { return strings.ToUpper(hex.EncodeToString(r[:])) }

// ParseTunnelID reads hexadecimal digits in either case.
func ParseTunnelID(text string) (t TunnelID, err error) { return t, parseHex(t[:], text, "tunnel ID") }

// ParseRoutingID reads hexadecimal digits in either case.
func ParseRoutingID(text string) (r RoutingID, err error) {
	return r, parseHex(r[:], text, "routing ID")
}

func parseHex(out []byte, text, what string) error {
	if len(text) != hex.EncodedLen(len(out)) {
		return fmt.Errorf("a %s of %d characters, want %d", what, len(text), hex.EncodedLen(len(out)))
	}
	if _, err := hex.Decode(out, []byte(text)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// maxContactID is the longest contact ID that is taken, in bytes. The services
// choose them; this leaves room in a URL.
const maxContactID = 1024

// errContactID says that a contact ID cannot be one.
var errContactID = fmt.Errorf("a contact ID has 1 to %d bytes", maxContactID)

// NewTunnelPath is where an authenticator opens a tunnel.
func NewTunnelPath(tunnel TunnelID) string { return NewPath + tunnel.String() }

// ConnectTunnelPath is where the other side joins it.
func ConnectTunnelPath(routing RoutingID, tunnel TunnelID) string {
	return ConnectPath + routing.String() + "/" + tunnel.String()
}

// ContactTunnelPath is where a client asks for an authenticator that it is linked
// with.
func ContactTunnelPath(contactID []byte) string {
	return ContactPath + base64.RawURLEncoding.EncodeToString(contactID)
}

// ParseContactID reads what follows ContactPath.
func ParseContactID(text string) ([]byte, error) {
	if len(text) > base64.RawURLEncoding.EncodedLen(maxContactID) {
		return nil, errContactID
	}
	id, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(id) == 0 {
		return nil, errors.Join(errContactID, err)
	}
	return id, nil
}

// CloseCode is why a tunnel service closes a WebSocket (RFC 6455 §7.4). Clients
// are known to ignore it.
type CloseCode int

// The codes.
const (
	CloseNormal      CloseCode = 1000
	CloseLost        CloseCode = 1001
	CloseUnsupported CloseCode = 1003
	ClosePolicy      CloseCode = 1008
	CloseTooLong     CloseCode = 1009
)

var closeMeanings = map[CloseCode]string{
	CloseNormal:      "the other side has left",
	CloseLost:        "the other side was lost",
	CloseUnsupported: "only binary messages are carried",
	ClosePolicy:      "the tunnel was open for too long, carried too much or was used wrongly",
	CloseTooLong:     fmt.Sprintf("a message is longer than %d bytes", MaxMessage),
}

// String returns what the code means here.
func (c CloseCode) String() string {
	if meaning, ok := closeMeanings[c]; ok {
		return meaning
	}
	return fmt.Sprintf("closed with code %d", int(c))
}
