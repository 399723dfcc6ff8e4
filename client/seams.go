package client

import "github.com/passkeylab/passkeylab/webauthn"

// Seams are the only places where a [Liberty] can act. A nil seam changes
// nothing, and nothing else in this package deviates from the specification.
type Seams struct {
	// RPID sees the outcome of the rule that ties RP IDs to origins (nil or
	// the reason for refusal) and returns the outcome that counts.
	RPID func(origin, rpID string, verdict error) error

	// ClientData sees the collected client data before it is serialised.
	ClientData func(webauthn.ClientData) webauthn.ClientData

	// ClientDataJSON sees the client data as serialised, before they are hashed.
	ClientDataJSON func([]byte) []byte

	// Registration and Authentication see the result before the page does.
	// They own it and may return another.
	Registration   func(*webauthn.RegistrationResponse) *webauthn.RegistrationResponse
	Authentication func(*webauthn.AuthenticationResponse) *webauthn.AuthenticationResponse
}

func (c *Client) rpIDVerdict(origin, rpID string, verdict error) error {
	for _, s := range c.seams {
		if s.RPID != nil {
			verdict = s.RPID(origin, rpID, verdict)
		}
	}
	return verdict
}

func (c *Client) collected(data webauthn.ClientData) webauthn.ClientData {
	for _, s := range c.seams {
		if s.ClientData != nil {
			data = s.ClientData(data)
		}
	}
	return data
}

func (c *Client) serialised(data []byte) []byte {
	for _, s := range c.seams {
		if s.ClientDataJSON != nil {
			data = s.ClientDataJSON(data)
		}
	}
	return data
}

func (c *Client) registered(r *webauthn.RegistrationResponse) *webauthn.RegistrationResponse {
	for _, s := range c.seams {
		if s.Registration != nil {
			r = s.Registration(r)
		}
	}
	return r
}

func (c *Client) authenticated(r *webauthn.AuthenticationResponse) *webauthn.AuthenticationResponse {
	for _, s := range c.seams {
		if s.Authentication != nil {
			r = s.Authentication(r)
		}
	}
	return r
}
