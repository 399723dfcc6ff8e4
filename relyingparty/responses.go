package relyingparty

import (
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// RegistrationResponse is a parsed but unverified answer to a registration.
type RegistrationResponse struct {
	parsed protocol.ParsedCredentialCreationData
}

// LoginResponse is a parsed but unverified answer to a login.
type LoginResponse struct {
	parsed protocol.ParsedCredentialAssertionData
}

// Challenge is the challenge that the client claims to answer, in base64url.
func (r *RegistrationResponse) Challenge() string {
	return r.parsed.Response.CollectedClientData.Challenge
}

// Challenge is the challenge that the client claims to answer, in base64url.
func (r *LoginResponse) Challenge() string { return r.parsed.Response.CollectedClientData.Challenge }

// The JSON of responses, that of the client data included, is read here; what the
// authenticator said is read by go-webauthn, which then verifies all of it.

// ParseRegistration reads a RegistrationResponseJSON (WebAuthn L3 §5.1.4). The
// caller bounds the size of data.
func ParseRegistration(data []byte) (*RegistrationResponse, error) {
	in, err := readResponse(data)
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	r := new(RegistrationResponse)
	r.parsed.ParsedPublicKeyCredential = in.credential()
	r.parsed.Raw.AttestationResponse.ClientDataJSON = in.clientDataJSON
	r.parsed.Raw.AttestationResponse.AttestationObject = in.attestationObject
	said := &r.parsed.Response
	for _, t := range in.transports {
		said.Transports = append(said.Transports, protocol.AuthenticatorTransport(t))
	}
	if said.CollectedClientData, err = readClientData(in.clientDataJSON); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	if err := parseAttestation(in.attestationObject, &said.AttestationObject); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return r, nil
}

func parseAttestation(data []byte, into *protocol.AttestationObject) error {
	if err := webauthncbor.Unmarshal(data, into); err != nil {
		return err
	}
	if err := into.AuthData.Unmarshal(into.RawAuthData); err != nil {
		return err
	}
	if !into.AuthData.Flags.HasAttestedCredentialData() {
		return errors.New("the authenticator data have no attested credential")
	}
	return nil
}

// ParseLogin reads an AuthenticationResponseJSON (WebAuthn L3 §5.1.4). The caller
// bounds the size of data.
func ParseLogin(data []byte) (*LoginResponse, error) {
	in, err := readResponse(data)
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	r := new(LoginResponse)
	r.parsed.ParsedPublicKeyCredential = in.credential()
	r.parsed.Raw.AssertionResponse.ClientDataJSON = in.clientDataJSON
	r.parsed.Raw.AssertionResponse.AuthenticatorData = in.authenticatorData
	said := &r.parsed.Response
	said.Signature, said.UserHandle = in.signature, in.userHandle
	if said.CollectedClientData, err = readClientData(in.clientDataJSON); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	if err := said.AuthenticatorData.Unmarshal(in.authenticatorData); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return r, nil
}
