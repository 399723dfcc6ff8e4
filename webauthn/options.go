package webauthn

import (
	"encoding/json"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// MaxJSON bounds the option and response JSON that the parsers take, in bytes.
const MaxJSON = 1 << 20

// AuthenticatorSelection narrows the choice of authenticators (§5.4.4).
type AuthenticatorSelection struct {
	AuthenticatorAttachment Attachment  `json:"authenticatorAttachment,omitempty"`
	ResidentKey             Requirement `json:"residentKey,omitempty"`
	RequireResidentKey      bool        `json:"requireResidentKey,omitempty"`
	UserVerification        Requirement `json:"userVerification,omitempty"`
}

// CreationOptions is PublicKeyCredentialCreationOptionsJSON (§5.1.8): what a
// server sends to have a passkey made.
type CreationOptions struct {
	RP                     RPEntity                   `json:"rp"`
	User                   UserEntity                 `json:"user"`
	Challenge              Base64URL                  `json:"challenge"`
	PubKeyCredParams       []Parameters               `json:"pubKeyCredParams"`
	Timeout                uint32                     `json:"timeout,omitempty"` // milliseconds
	ExcludeCredentials     []Descriptor               `json:"excludeCredentials,omitempty"`
	AuthenticatorSelection AuthenticatorSelection     `json:"authenticatorSelection,omitzero"`
	Hints                  []string                   `json:"hints,omitempty"`
	Attestation            string                     `json:"attestation,omitempty"`
	AttestationFormats     []string                   `json:"attestationFormats,omitempty"`
	Extensions             map[string]json.RawMessage `json:"extensions,omitempty"`
}

// RequestOptions is PublicKeyCredentialRequestOptionsJSON (§5.1.9): what a
// server sends to have somebody sign in.
type RequestOptions struct {
	Challenge        Base64URL                  `json:"challenge"`
	Timeout          uint32                     `json:"timeout,omitempty"` // milliseconds
	RPID             string                     `json:"rpId,omitempty"`
	AllowCredentials []Descriptor               `json:"allowCredentials,omitempty"`
	UserVerification Requirement                `json:"userVerification,omitempty"`
	Hints            []string                   `json:"hints,omitempty"`
	Extensions       map[string]json.RawMessage `json:"extensions,omitempty"`
}

// ParseCreationOptions reads options as parseCreationOptionsFromJSON does
// (§5.1.8): unknown members are ignored, missing required members and
// malformed base64url are errors.
func ParseCreationOptions(data []byte) (*CreationOptions, error) {
	o := new(CreationOptions)
	if len(data) > MaxJSON {
		return nil, fmt.Errorf("creation options: %w", tooLong(data))
	}
	r := jsontext.NewReader(data)
	o.read(r)
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("creation options: %w", err)
	}
	switch {
	case o.Challenge == nil:
		return nil, missing("creation options", "challenge")
	case o.User.ID == nil:
		return nil, missing("creation options", "user.id")
	case o.PubKeyCredParams == nil:
		return nil, missing("creation options", "pubKeyCredParams")
	}
	return o, descriptorsComplete("excludeCredentials", o.ExcludeCredentials)
}

// ParseRequestOptions reads options as parseRequestOptionsFromJSON does (§5.1.9).
func ParseRequestOptions(data []byte) (*RequestOptions, error) {
	o := new(RequestOptions)
	if len(data) > MaxJSON {
		return nil, fmt.Errorf("request options: %w", tooLong(data))
	}
	r := jsontext.NewReader(data)
	o.read(r)
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("request options: %w", err)
	}
	if o.Challenge == nil {
		return nil, missing("request options", "challenge")
	}
	return o, descriptorsComplete("allowCredentials", o.AllowCredentials)
}

func descriptorsComplete(list string, descriptors []Descriptor) error {
	for i, d := range descriptors {
		if d.ID == nil {
			return missing(fmt.Sprintf("%s[%d]", list, i), "id")
		}
	}
	return nil
}

func parseJSON(data []byte, into any) error {
	if len(data) > MaxJSON {
		return tooLong(data)
	}
	return json.Unmarshal(data, into)
}

func tooLong(data []byte) error {
	return fmt.Errorf("%d bytes of JSON, at most %d are read", len(data), MaxJSON)
}

func missing(where, member string) error {
	return fmt.Errorf("%s: member %q is missing", where, member)
}
