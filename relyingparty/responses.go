package relyingparty

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
)

// RegistrationResponse is a parsed but unverified answer to a registration.
type RegistrationResponse struct {
	parsed *protocol.ParsedCredentialCreationData
}

// LoginResponse is a parsed but unverified answer to a login.
type LoginResponse struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// Challenge is the challenge that the client claims to answer, in base64url.
func (r *RegistrationResponse) Challenge() string {
	return r.parsed.Response.CollectedClientData.Challenge
}

// Challenge is the challenge that the client claims to answer, in base64url.
func (r *LoginResponse) Challenge() string { return r.parsed.Response.CollectedClientData.Challenge }

// responseJSON is what the two kinds of response JSON have in them for us. Other
// members are ignored: those derived from the attestation object, which the client
// could forge, and extension outputs, since none was asked for (WebAuthn L3 §7.1
// step 28 and §7.2 step 23 leave those to policy).
type responseJSON struct {
	ID         string `json:"id"`
	RawID      string `json:"rawId"`
	Type       string `json:"type"`
	Attachment string `json:"authenticatorAttachment"`
	Response   struct {
		ClientDataJSON    string   `json:"clientDataJSON"`
		AttestationObject string   `json:"attestationObject"`
		Transports        []string `json:"transports"`
		AuthenticatorData string   `json:"authenticatorData"`
		Signature         string   `json:"signature"`
		UserHandle        string   `json:"userHandle"`
	} `json:"response"`
}

// ParseRegistration reads a RegistrationResponseJSON (WebAuthn L3 §5.1.4). The
// caller bounds the size of data.
func ParseRegistration(data []byte) (*RegistrationResponse, error) {
	var in responseJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	var d decoder
	out := protocol.CredentialCreationResponse{
		PublicKeyCredential: d.credential(&in),
		AttestationResponse: protocol.AuthenticatorAttestationResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{
				ClientDataJSON: d.bytes("clientDataJSON", in.Response.ClientDataJSON),
			},
			AttestationObject: d.bytes("attestationObject", in.Response.AttestationObject),
			Transports:        in.Response.Transports,
		},
	}
	if d.err != nil {
		return nil, refuse(ReasonMalformed, d.err)
	}
	parsed, err := out.Parse()
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return &RegistrationResponse{parsed}, nil
}

// ParseLogin reads an AuthenticationResponseJSON (WebAuthn L3 §5.1.4). The caller
// bounds the size of data.
func ParseLogin(data []byte) (*LoginResponse, error) {
	var in responseJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	var d decoder
	out := protocol.CredentialAssertionResponse{
		PublicKeyCredential: d.credential(&in),
		AssertionResponse: protocol.AuthenticatorAssertionResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{
				ClientDataJSON: d.bytes("clientDataJSON", in.Response.ClientDataJSON),
			},
			AuthenticatorData: d.bytes("authenticatorData", in.Response.AuthenticatorData),
			Signature:         d.bytes("signature", in.Response.Signature),
			UserHandle:        d.bytes("userHandle", in.Response.UserHandle),
		},
	}
	if d.err != nil {
		return nil, refuse(ReasonMalformed, d.err)
	}
	parsed, err := out.Parse()
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return &LoginResponse{parsed}, nil
}

// decoder decodes the members of a response and keeps the first error.
type decoder struct{ err error }

func (d *decoder) credential(in *responseJSON) protocol.PublicKeyCredential {
	return protocol.PublicKeyCredential{
		Credential:              protocol.Credential{ID: in.ID, Type: in.Type},
		RawID:                   d.bytes("rawId", in.RawID),
		AuthenticatorAttachment: in.Attachment,
	}
}

// strictBase64 is base64url without padding, and without bits to spare at the end.
var strictBase64 = base64.RawURLEncoding.Strict()

// bytes decodes a Base64URLString (§3): exactly one spelling for each value.
func (d *decoder) bytes(member, text string) []byte {
	if d.err != nil {
		return nil
	}
	if strings.ContainsAny(text, "\r\n") { // which package base64 skips
		d.err = fmt.Errorf("%s contains a line break", member)
		return nil
	}
	decoded, err := strictBase64.DecodeString(text)
	if err != nil {
		d.err = fmt.Errorf("%s is not base64url: %w", member, err)
	}
	return decoded
}
