package webauthn

import (
	"encoding/json"
	"fmt"
)

// RegistrationResponse is RegistrationResponseJSON (§5.1): the result of
// create() as credential.toJSON() gives it.
type RegistrationResponse struct {
	ID                      Base64URL                  `json:"id"`
	RawID                   Base64URL                  `json:"rawId"`
	Response                AttestationResponse        `json:"response"`
	AuthenticatorAttachment Attachment                 `json:"authenticatorAttachment,omitempty"`
	ClientExtensionResults  map[string]json.RawMessage `json:"clientExtensionResults"`
	Type                    string                     `json:"type"`
}

// AttestationResponse is AuthenticatorAttestationResponseJSON (§5.2.1).
// PublicKey is the SubjectPublicKeyInfo in DER, absent for algorithms the
// client does not know.
type AttestationResponse struct {
	ClientDataJSON     Base64URL `json:"clientDataJSON"`
	AuthenticatorData  Base64URL `json:"authenticatorData"`
	Transports         []string  `json:"transports"`
	PublicKey          Base64URL `json:"publicKey,omitempty"`
	PublicKeyAlgorithm Algorithm `json:"publicKeyAlgorithm"`
	AttestationObject  Base64URL `json:"attestationObject"`
}

// AuthenticationResponse is AuthenticationResponseJSON (§5.1): the result of
// get().
type AuthenticationResponse struct {
	ID                      Base64URL                  `json:"id"`
	RawID                   Base64URL                  `json:"rawId"`
	Response                AssertionResponse          `json:"response"`
	AuthenticatorAttachment Attachment                 `json:"authenticatorAttachment,omitempty"`
	ClientExtensionResults  map[string]json.RawMessage `json:"clientExtensionResults"`
	Type                    string                     `json:"type"`
}

// AssertionResponse is AuthenticatorAssertionResponseJSON (§5.2.2). UserHandle
// is absent when the authenticator returned none.
type AssertionResponse struct {
	ClientDataJSON    Base64URL `json:"clientDataJSON"`
	AuthenticatorData Base64URL `json:"authenticatorData"`
	Signature         Base64URL `json:"signature"`
	UserHandle        Base64URL `json:"userHandle,omitempty"`
}

// ParseRegistrationResponse reads what a page posts after create().
func ParseRegistrationResponse(data []byte) (*RegistrationResponse, error) {
	r := new(RegistrationResponse)
	if err := parseJSON(data, r); err != nil {
		return nil, fmt.Errorf("registration response: %w", err)
	}
	if r.RawID == nil || r.Response.ClientDataJSON == nil || r.Response.AttestationObject == nil {
		return nil, missing("registration response", "rawId, response.clientDataJSON or response.attestationObject")
	}
	return r, nil
}

// ParseAuthenticationResponse reads what a page posts after get().
func ParseAuthenticationResponse(data []byte) (*AuthenticationResponse, error) {
	r := new(AuthenticationResponse)
	if err := parseJSON(data, r); err != nil {
		return nil, fmt.Errorf("authentication response: %w", err)
	}
	if r.RawID == nil || r.Response.ClientDataJSON == nil || r.Response.AuthenticatorData == nil || r.Response.Signature == nil {
		return nil, missing("authentication response", "rawId, response.clientDataJSON, response.authenticatorData or response.signature")
	}
	return r, nil
}
