package relyingparty

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
	id                string
	rawID             []byte
	kind              string
	attachment        protocol.AuthenticatorAttachment
	clientDataJSON    []byte
	attestationObject []byte
	transports        []string
	authenticatorData []byte
	signature         []byte
	userHandle        []byte

	room []byte // for more of the above
}

// readResponse reads either kind; what the other kind has stays empty.
func readResponse(data []byte) (in responseJSON, err error) {
	r := jsontext.NewReader(data)
	for name := range r.Members {
		switch string(name) {
		case "id":
			in.id = r.String()
		case "rawId":
			in.rawID = in.readBytes(r, "rawId")
		case "type":
			in.kind = r.Known(publicKeyType)
		case "authenticatorAttachment":
			in.attachment = readAttachment(r)
		case "response":
			in.readInner(r)
		default:
			r.Skip()
		}
	}
	if err := r.End(); err != nil {
		return in, err
	}
	return in, in.check()
}

const publicKeyType = string(protocol.PublicKeyCredentialType)

// check holds the members around "response" to each other (§5.1).
func (in *responseJSON) check() error {
	switch {
	case in.kind != publicKeyType:
		return fmt.Errorf("type is %q, want %q", in.kind, publicKeyType)
	case len(in.rawID) == 0:
		return errors.New("rawId is missing")
	case !spells(in.id, in.rawID):
		return errors.New("id is not rawId in base64url")
	}
	return nil
}

// spells reports whether text is b in base64url.
func spells(text string, b []byte) bool {
	var room [64]byte // enough for most IDs
	return string(base64.RawURLEncoding.AppendEncode(room[:0], b)) == text
}

// readAttachment takes a value that is not known for none (§5.4.5).
func readAttachment(r *jsontext.Reader) protocol.AuthenticatorAttachment {
	switch a := protocol.AuthenticatorAttachment(r.Known(string(protocol.Platform), string(protocol.CrossPlatform))); a {
	case protocol.Platform, protocol.CrossPlatform:
		return a
	}
	return ""
}

// credential is what both kinds have around "response".
func (in *responseJSON) credential() protocol.ParsedPublicKeyCredential {
	return protocol.ParsedPublicKeyCredential{
		ParsedCredential:        protocol.ParsedCredential{ID: in.id, Type: in.kind},
		RawID:                   in.rawID,
		AuthenticatorAttachment: in.attachment,
	}
}

// readInner reads the member "response".
func (in *responseJSON) readInner(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "clientDataJSON":
			in.clientDataJSON = in.readBytes(r, "clientDataJSON")
		case "attestationObject":
			in.attestationObject = in.readBytes(r, "attestationObject")
		case "transports":
			in.transports = readTransports(r)
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

// readBytes reads a Base64URLString (§3): exactly one spelling for each value.
func (in *responseJSON) readBytes(r *jsontext.Reader, member string) []byte {
	text := r.Text()
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
