package webauthn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// The option JSON passes in every ceremony, so it is read member by member
// rather than by reflection. Names are compared exactly, members that are
// unknown are passed over, and null counts as absence.

// readJSON has read walk over the whole of data.
func readJSON(data []byte, read func(*jsontext.Reader)) error {
	if len(data) > MaxJSON {
		return tooLong(data)
	}
	r := jsontext.NewReader(data)
	read(r)
	return r.End()
}

func (o *CreationOptions) read(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "rp":
			o.RP.read(r)
		case "user":
			o.User.read(r)
		case "challenge":
			o.Challenge = readBase64URL(r, "challenge")
		case "pubKeyCredParams":
			o.PubKeyCredParams = readParameters(r)
		case "timeout":
			o.Timeout = uint32(r.Uint(32))
		case "excludeCredentials":
			o.ExcludeCredentials = readDescriptors(r)
		case "authenticatorSelection":
			o.AuthenticatorSelection.read(r)
		case "hints":
			o.Hints = readStrings(r)
		case "attestation":
			o.Attestation = r.String()
		case "attestationFormats":
			o.AttestationFormats = readStrings(r)
		case "extensions":
			o.Extensions = readExtensions(r)
		default:
			r.Skip()
		}
	}
}

func (o *RequestOptions) read(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "challenge":
			o.Challenge = readBase64URL(r, "challenge")
		case "timeout":
			o.Timeout = uint32(r.Uint(32))
		case "rpId":
			o.RPID = r.String()
		case "allowCredentials":
			o.AllowCredentials = readDescriptors(r)
		case "userVerification":
			o.UserVerification = readRequirement(r)
		case "hints":
			o.Hints = readStrings(r)
		case "extensions":
			o.Extensions = readExtensions(r)
		default:
			r.Skip()
		}
	}
}

func (e *RPEntity) read(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "id":
			e.ID = r.String()
		case "name":
			e.Name = r.String()
		default:
			r.Skip()
		}
	}
}

func (e *UserEntity) read(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "id":
			e.ID = readBase64URL(r, "user.id")
		case "name":
			e.Name = r.String()
		case "displayName":
			e.DisplayName = r.String()
		default:
			r.Skip()
		}
	}
}

func (s *AuthenticatorSelection) read(r *jsontext.Reader) {
	for name := range r.Members {
		switch string(name) {
		case "authenticatorAttachment":
			s.AuthenticatorAttachment = Attachment(r.String())
		case "residentKey":
			s.ResidentKey = readRequirement(r)
		case "requireResidentKey":
			s.RequireResidentKey = r.Bool()
		case "userVerification":
			s.UserVerification = readRequirement(r)
		default:
			r.Skip()
		}
	}
}

func readParameters(r *jsontext.Reader) []Parameters {
	if r.Null() {
		return nil
	}
	list := make([]Parameters, 0, 4)
	for range r.Elements {
		var p Parameters
		for name := range r.Members {
			switch string(name) {
			case "type":
				p.Type = readType(r)
			case "alg":
				p.Algorithm = Algorithm(r.Int(64))
			default:
				r.Skip()
			}
		}
		list = append(list, p)
	}
	return list
}

func readDescriptors(r *jsontext.Reader) []Descriptor {
	var list []Descriptor
	for range r.Elements {
		var d Descriptor
		for name := range r.Members {
			switch string(name) {
			case "type":
				d.Type = readType(r)
			case "id":
				d.ID = readBase64URL(r, "id of a credential")
			case "transports":
				d.Transports = readStrings(r)
			default:
				r.Skip()
			}
		}
		list = append(list, d)
	}
	return list
}

// readType spares a copy of the one type there is.
func readType(r *jsontext.Reader) string {
	text := r.Text()
	if string(text) == PublicKeyCredentialType {
		return PublicKeyCredentialType
	}
	return string(text)
}

// readRequirement spares copies of the values there are.
func readRequirement(r *jsontext.Reader) Requirement {
	text := r.Text()
	for _, known := range [...]Requirement{Required, Preferred, Discouraged} {
		if string(text) == string(known) {
			return known
		}
	}
	return Requirement(text)
}

func readStrings(r *jsontext.Reader) []string {
	var list []string
	for range r.Elements {
		list = append(list, r.String())
	}
	return list
}

// readExtensions keeps the inputs as the text they are.
func readExtensions(r *jsontext.Reader) map[string]json.RawMessage {
	if r.Null() {
		return nil
	}
	all := map[string]json.RawMessage{}
	for name := range r.Members {
		id := string(name)
		all[id] = bytes.Clone(r.Raw())
	}
	return all
}

// readBase64URL reads a byte string; member is its name for errors. It is nil
// for null only.
func readBase64URL(r *jsontext.Reader, member string) Base64URL {
	text := r.Text()
	if text == nil {
		return nil
	}
	b, err := decodeBase64URL(text)
	if err != nil {
		r.Fail(fmt.Errorf("%s: %w", member, err))
	}
	return b
}
