package relyingparty

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// responseJSON is what the two kinds of response JSON have in them for us. Other
// members are ignored: those derived from the attestation object, which the client
// could forge, and extension outputs, since none was asked for (WebAuthn L3 §7.1
// step 28 and §7.2 step 23 leave those to policy).
type responseJSON struct {
	credential        protocol.PublicKeyCredential
	clientDataJSON    []byte
	attestationObject []byte
	transports        []string
	authenticatorData []byte
	signature         []byte
	userHandle        []byte
}

// readResponse reads either kind; what the other kind has stays empty.
func readResponse(data []byte) (in responseJSON, err error) {
	r := jsontext.NewReader(data)
	for name := range r.Members {
		switch string(name) {
		case "id":
			in.credential.ID = r.String()
		case "rawId":
			in.credential.RawID = readBytes(r, "rawId")
		case "type":
			in.credential.Type = r.Known(string(protocol.PublicKeyCredentialType))
		case "authenticatorAttachment":
			in.credential.AuthenticatorAttachment = r.Known(string(protocol.Platform), string(protocol.CrossPlatform))
		case "response":
			in.readInner(r)
		default:
			r.Skip()
		}
	}
	return in, r.End()
}

// readInner reads the member "response".
func (in *responseJSON) readInner(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "clientDataJSON":
			in.clientDataJSON = readBytes(r, "clientDataJSON")
		case "attestationObject":
			in.attestationObject = readBytes(r, "attestationObject")
		case "transports":
			in.transports = readTransports(r)
		case "authenticatorData":
			in.authenticatorData = readBytes(r, "authenticatorData")
		case "signature":
			in.signature = readBytes(r, "signature")
		case "userHandle":
			in.userHandle = readBytes(r, "userHandle")
		default:
			r.Skip()
		}
	}
}

func readTransports(r *jsontext.Reader) []string {
	var all []string
	for range r.Elements {
		all = append(all, r.Known(string(protocol.Internal), string(protocol.Hybrid), string(protocol.USB), string(protocol.NFC)))
	}
	return all
}

// strictBase64 is base64url without padding, and without bits to spare at the end.
var strictBase64 = base64.RawURLEncoding.Strict()

// readBytes reads a Base64URLString (§3): exactly one spelling for each value.
func readBytes(r *jsontext.Reader, member string) []byte {
	text := r.Text()
	if bytes.IndexByte(text, '\r') >= 0 || bytes.IndexByte(text, '\n') >= 0 { // which package base64 skips
		r.Fail(fmt.Errorf("%s contains a line break", member))
		return nil
	}
	decoded := make([]byte, strictBase64.DecodedLen(len(text)))
	n, err := strictBase64.Decode(decoded, text)
	if err != nil {
		r.Fail(fmt.Errorf("%s is not base64url: %w", member, err))
		return nil
	}
	return decoded[:n]
}
