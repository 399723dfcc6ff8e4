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
			o.Attestation = r.Known(AttestationNone, AttestationDirect, AttestationIndirect, AttestationEnterprise)
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
			s.AuthenticatorAttachment = Attachment(r.Known(string(Platform), string(CrossPlatform)))
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

func readType(r *jsontext.Reader) string { return r.Known(PublicKeyCredentialType) }

func readRequirement(r *jsontext.Reader) Requirement {
	return Requirement(r.Known(string(Required), string(Preferred), string(Discouraged)))
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
