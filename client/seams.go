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

	// PIN sees what the user typed, as it is and in Normalization Form C, and
	// returns what is used.
	PIN func(typed, normalised string) string

	// Salt sees a value of a page for prf and the salt that it becomes, and returns
	// the salt.
	Salt func(value, salt []byte) []byte

	// Check sees what one check of an answer found (nil or the reason for refusal)
	// and returns what counts.
	Check func(check Check, verdict error) error

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

func (c *Client) used(typed, normalised string) string {
	for _, s := range c.seams {
		if s.PIN != nil {
			normalised = s.PIN(typed, normalised)
		}
	}
	return normalised
}

func (c *Client) salted(value, salt []byte) []byte {
	for _, s := range c.seams {
		if s.Salt != nil {
			salt = s.Salt(value, salt)
		}
	}
	return salt
}

// Check is one thing that is looked at before an authenticator is believed.
type Check string

// The checks.
const (
	CheckStatement        Check = "statement"         // the attestation statement is a map
	CheckCredentialID     Check = "credential-id"     // a credential has an ID, of no more than 1023 bytes
	CheckEnterprise       Check = "enterprise"        // no enterprise attestation was made unasked
	CheckRPIDHash         Check = "rp-id-hash"        // authenticator data are for the RP ID
	CheckUserPresence     Check = "user-presence"     // flag UP is set
	CheckUserVerification Check = "user-verification" // flag UV is set where it has to be
	CheckNoCredential     Check = "no-credential"     // flag AT is not set in an assertion
	CheckUserHandle       Check = "user-handle"       // a discoverable credential tells its user
	CheckAllowList        Check = "allow-list"        // the credential is one of those that were asked for
	CheckNumber           Check = "number"            // with an allow list there is one assertion
	CheckUserNames        Check = "user-names"        // names are told after user verification alone
	CheckOutputsUnasked   Check = "outputs-unasked"   // extensions answer that were asked
	CheckExtension        Check = "extension"         // what an extension has to look at
)

// verdict is what a check found.
type verdict struct {
	check Check
	err   error
}

// believed is what the first check found that counts.
func (c *Client) believed(checks []verdict) error {
	for _, v := range checks {
		for _, s := range c.seams {
			if s.Check != nil {
				v.err = s.Check(v.check, v.err)
			}
		}
		if v.err != nil {
			return v.err
		}
	}
	return nil
}
