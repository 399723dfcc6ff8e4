package ceremony

import (
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// RegistrationResponse is a parsed but unverified answer to a registration.
type RegistrationResponse struct {
	in          responseJSON
	client      protocol.CollectedClientData
	attestation protocol.AttestationObject
}

// LoginResponse is a parsed but unverified answer to a login.
type LoginResponse struct {
	in     responseJSON
	client protocol.CollectedClientData
	auth   protocol.AuthenticatorData
}

// Challenge is the challenge that the client claims to answer, in base64url.
func (r *RegistrationResponse) Challenge() string { return r.client.Challenge }

// Challenge is the challenge that the client claims to answer, in base64url.
func (r *LoginResponse) Challenge() string { return r.client.Challenge }

// The JSON of responses, that of the client data included, is read here; what the
// authenticator said is read by go-webauthn, which then verifies all of it.

// ParseRegistration reads a RegistrationResponseJSON (WebAuthn L3 §5.1.4). The
// caller bounds the size of data.
func ParseRegistration(data []byte) (*RegistrationResponse, error) {
	return parseRegistration(data, new(seamList))
}

// ParseRegistration is [ParseRegistration] within the seams of these ceremonies.
func (c *Ceremonies) ParseRegistration(data []byte) (*RegistrationResponse, error) {
	return parseRegistration(data, &c.seams)
}

func parseRegistration(data []byte, seams *seamList) (*RegistrationResponse, error) {
	r := new(RegistrationResponse)
	if err := r.parse(data, seams); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return r, nil
}

func (r *RegistrationResponse) parse(data []byte, seams *seamList) (err error) {
	if r.in, err = readResponse(seams.response(Create, data), Create); err != nil {
		return err
	}
	if r.client, err = readClientData(seams.clientData(Create, r.in.clientDataJSON)); err != nil {
		return err
	}
	object := seams.attestationObject(r.in.attestationObject)
	if err := checkNames(object); err != nil {
		return err
	}
	if err := webauthncbor.Unmarshal(object, &r.attestation); err != nil {
		return err
	}
	auth := &r.attestation.AuthData
	if err := auth.Unmarshal(seams.authenticatorData(Create, r.attestation.RawAuthData)); err != nil {
		return err
	}
	if !auth.Flags.HasAttestedCredentialData() {
		return errors.New("the authenticator data have no attested credential")
	}
	return nil
}

// ParseLogin reads an AuthenticationResponseJSON (WebAuthn L3 §5.1.4). The
// caller bounds the size of data.
func ParseLogin(data []byte) (*LoginResponse, error) { return parseLogin(data, new(seamList)) }

// ParseLogin is [ParseLogin] within the seams of these ceremonies.
func (c *Ceremonies) ParseLogin(data []byte) (*LoginResponse, error) {
	return parseLogin(data, &c.seams)
}

func parseLogin(data []byte, seams *seamList) (*LoginResponse, error) {
	r := new(LoginResponse)
	if err := r.parse(data, seams); err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return r, nil
}

func (r *LoginResponse) parse(data []byte, seams *seamList) (err error) {
	if r.in, err = readResponse(seams.response(Get, data), Get); err != nil {
		return err
	}
	if r.client, err = readClientData(seams.clientData(Get, r.in.clientDataJSON)); err != nil {
		return err
	}
	if err := r.auth.Unmarshal(seams.authenticatorData(Get, r.in.authenticatorData)); err != nil {
		return err
	}
	if r.auth.Flags.HasAttestedCredentialData() { // must not be in an assertion (§6.1)
		return errors.New("the authenticator data have an attested credential")
	}
	return nil
}

// CredentialID is what the client says that it answers with.
func (r *LoginResponse) CredentialID() []byte { return r.in.rawID }
