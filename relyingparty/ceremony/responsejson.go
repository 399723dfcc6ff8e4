package ceremony

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// responseJSON is what the two kinds of response JSON have in them for us. Other
// members are ignored: those derived from the attestation object, which the client
// could forge, and extension outputs, since none was asked for (WebAuthn L3 §7.1
// step 28 and §7.2 step 23 leave those to policy).
type responseJSON struct {
	text              []byte // all of it
	rawID             []byte
	attachment        protocol.AuthenticatorAttachment
	clientDataJSON    []byte
	attestationObject []byte
	transports        []string
	authenticatorData []byte
	signature         []byte
	userHandle        []byte

	room []byte // for more of the above
}

var (
	credentialMembers = []string{"id", "rawId", "type", "authenticatorAttachment", "response"}
	responseMembers   = []string{"clientDataJSON", "attestationObject", "transports", "authenticatorData", "signature", "userHandle"}
)

// once refuses an object in which a member comes twice. What other readers make of
// such a one, nobody can say.
type once uint8

// note ends the walk where one of the members known comes again.
func (o *once) note(r *jsontext.Reader, name []byte, known []string) {
	for i, k := range known {
		if string(name) != k {
			continue
		}
		if *o&(1<<i) != 0 {
			r.Fail(fmt.Errorf("member %q comes twice", k))
		}
		*o |= 1 << i
	}
}

// readResponse reads the kind that answers a ceremony; what the other kind has stays
// empty.
func readResponse(data []byte, ceremony protocol.CeremonyType) (in responseJSON, err error) {
	var id, rawID, kind []byte
	in.text = data
	r := jsontext.NewReader(data)
	var seen once
	for name := range r.Members {
		seen.note(r, name, credentialMembers)
		switch string(name) {
		case "id":
			id = r.Text()
		case "rawId":
			rawID = r.Text()
			in.rawID = in.decode(r, rawID, "rawId")
		case "type":
			kind = r.Text()
		case "authenticatorAttachment":
			in.attachment = readAttachment(r)
		case "response":
			if ceremony == protocol.CreateCeremony {
				in.readAttestation(r)
			} else {
				in.readAssertion(r)
			}
		default:
			r.Skip()
		}
	}
	if err := r.End(); err != nil {
		return in, err
	}
	return in, checkCredential(id, rawID, kind)
}

// checkCredential holds the members that are around "response", as the text they
// are, to each other (§5.1).
func checkCredential(id, rawID, kind []byte) error {
	switch {
	case string(kind) != string(protocol.PublicKeyCredentialType):
		return fmt.Errorf("type is %q, want %q", kind, protocol.PublicKeyCredentialType)
	case len(rawID) == 0:
		return errors.New("rawId is missing")
	case !bytes.Equal(id, rawID): // which has one spelling only
		return errors.New("id is not rawId")
	}
	return nil
}

// readAttachment takes a value that is not known for none (§5.4.5).
func readAttachment(r *jsontext.Reader) protocol.AuthenticatorAttachment {
	switch a := protocol.AuthenticatorAttachment(r.Known(string(protocol.Platform), string(protocol.CrossPlatform))); a {
	case protocol.Platform, protocol.CrossPlatform:
		return a
	}
	return ""
}

// readAttestation reads the member "response" of a registration.
func (in *responseJSON) readAttestation(r *jsontext.Reader) {
	var seen once
	for name := range r.Members {
		seen.note(r, name, responseMembers)
		switch string(name) {
		case "clientDataJSON":
			in.clientDataJSON = in.readBytes(r, "clientDataJSON")
		case "attestationObject":
			in.attestationObject = in.readBytes(r, "attestationObject")
		case "transports":
			in.transports = readTransports(r)
		default:
			r.Skip()
		}
	}
}

// readAssertion reads the member "response" of a login.
func (in *responseJSON) readAssertion(r *jsontext.Reader) {
	var seen once
	for name := range r.Members {
		seen.note(r, name, responseMembers)
		switch string(name) {
		case "clientDataJSON":
			in.clientDataJSON = in.readBytes(r, "clientDataJSON")
		case "authenticatorData":
			in.authenticatorData = in.readBytes(r, "authenticatorData")
		case "signature":
			in.signature = in.readBytes(r, "signature")
		case "userHandle":
			in.userHandle = in.readBytes(r, "userHandle")
		default:
			r.Skip()
		}
	}
}

func readTransports(r *jsontext.Reader) []string {
	all := make([]string, 0, 2)
	for range r.Elements {
		all = append(all, r.Known(string(protocol.Internal), string(protocol.Hybrid), string(protocol.USB), string(protocol.NFC)))
	}
	return all
}

// strictBase64 is base64url without padding, and without bits to spare at the end.
var strictBase64 = base64.RawURLEncoding.Strict()

// usualRoom is enough for the byte strings of most responses.
const usualRoom = 384

// readBytes reads a Base64URLString (§3).
func (in *responseJSON) readBytes(r *jsontext.Reader, member string) []byte {
	return in.decode(r, r.Text(), member)
}

// decode takes exactly one spelling for each value.
func (in *responseJSON) decode(r *jsontext.Reader, text []byte, member string) []byte {
	if bytes.IndexByte(text, '\r') >= 0 || bytes.IndexByte(text, '\n') >= 0 { // which package base64 skips
		r.Fail(fmt.Errorf("%s contains a line break", member))
		return nil
	}
	size := strictBase64.DecodedLen(len(text))
	if len(in.room) < size {
		in.room = make([]byte, max(size, usualRoom))
	}
	decoded := in.room[:size:size]
	in.room = in.room[size:]
	if _, err := strictBase64.Decode(decoded, text); err != nil {
		r.Fail(fmt.Errorf("%s is not base64url: %w", member, err))
		return nil
	}
	return decoded
}

// encode writes bytes as base64url without padding, as WebAuthn's JSON does.
func encode(b []byte) string {
	var room [64]byte // for most, so that only the text itself is allocated
	return string(base64.RawURLEncoding.AppendEncode(room[:0], b))
}
