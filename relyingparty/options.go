package relyingparty

import "github.com/go-webauthn/webauthn/protocol"

// The options are written by types of our own, which hold what the site sends and
// nothing else. Members stand in the order of WebAuthn L3 §5.4 and §5.5.

type creationEnvelope struct {
	PublicKey creationOptions `json:"publicKey"`
}

type creationOptions struct {
	RP                     namedEntity                    `json:"rp"`
	User                   userEntity                     `json:"user"`
	Challenge              string                         `json:"challenge"`
	PubKeyCredParams       []protocol.CredentialParameter `json:"pubKeyCredParams"`
	Timeout                int64                          `json:"timeout"` // milliseconds
	ExcludeCredentials     []credentialDescriptor         `json:"excludeCredentials,omitempty"`
	AuthenticatorSelection authenticatorSelection         `json:"authenticatorSelection"`
	Attestation            Attestation                    `json:"attestation"`
}

type namedEntity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type userEntity struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

type credentialDescriptor struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Transports []string `json:"transports,omitempty"`
}

type authenticatorSelection struct {
	Attachment string `json:"authenticatorAttachment,omitempty"`
	// Passkeys are discoverable; requireResidentKey says so to Level 1 clients.
	ResidentKey        string           `json:"residentKey"`
	RequireResidentKey bool             `json:"requireResidentKey"`
	UserVerification   UserVerification `json:"userVerification"`
}

type requestEnvelope struct {
	PublicKey requestOptions `json:"publicKey"`
}

type requestOptions struct {
	Challenge        string           `json:"challenge"`
	Timeout          int64            `json:"timeout"` // milliseconds
	RPID             string           `json:"rpId"`
	UserVerification UserVerification `json:"userVerification"`
}

func (c *Ceremonies) creationOptions(asked *Registration, have []Credential, r RegistrationRules) creationEnvelope {
	o := creationOptions{
		RP: namedEntity{ID: c.web.Config.RPID, Name: c.web.Config.RPDisplayName},
		User: userEntity{
			ID:          encode(asked.account.Handle),
			Name:        asked.account.Name,
			DisplayName: asked.account.DisplayName,
		},
		Challenge:        asked.data.Challenge,
		PubKeyCredParams: offered,
		Timeout:          r.Lifetime.Milliseconds(),
		AuthenticatorSelection: authenticatorSelection{
			Attachment:         r.Attachment,
			ResidentKey:        "required",
			RequireResidentKey: true,
			UserVerification:   r.UserVerification,
		},
		Attestation: r.Attestation,
	}
	for _, known := range have {
		o.ExcludeCredentials = append(o.ExcludeCredentials, credentialDescriptor{
			Type:       string(protocol.PublicKeyCredentialType),
			ID:         encode(known.ID),
			Transports: known.Transports,
		})
	}
	return creationEnvelope{o}
}

func (c *Ceremonies) requestOptions(asked *Login, r LoginRules) requestEnvelope {
	return requestEnvelope{requestOptions{
		Challenge:        asked.data.Challenge,
		Timeout:          r.Lifetime.Milliseconds(),
		RPID:             c.web.Config.RPID,
		UserVerification: r.UserVerification,
	}}
}
