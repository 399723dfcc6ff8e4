package relyingparty

import "github.com/go-webauthn/webauthn/protocol"

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

// ParseRegistration reads a RegistrationResponseJSON (WebAuthn L3 §5.1.4). The
// caller bounds the size of data.
func ParseRegistration(data []byte) (*RegistrationResponse, error) {
	in, err := readResponse(data)
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	out := protocol.CredentialCreationResponse{
		PublicKeyCredential: in.credential,
		AttestationResponse: protocol.AuthenticatorAttestationResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{
				ClientDataJSON: in.clientDataJSON,
			},
			AttestationObject: in.attestationObject,
			Transports:        in.transports,
		},
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
	in, err := readResponse(data)
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	out := protocol.CredentialAssertionResponse{
		PublicKeyCredential: in.credential,
		AssertionResponse: protocol.AuthenticatorAssertionResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{
				ClientDataJSON: in.clientDataJSON,
			},
			AuthenticatorData: in.authenticatorData,
			Signature:         in.signature,
			UserHandle:        in.userHandle,
		},
	}
	parsed, err := out.Parse()
	if err != nil {
		return nil, refuse(ReasonMalformed, err)
	}
	return &LoginResponse{parsed}, nil
}
