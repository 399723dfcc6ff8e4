package client

import (
	"context"
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/webauthn"
)

// ceremony is what one call of create() or get() carries through its steps.
type ceremony struct {
	client *Client
	page   context.Context // the caller's: ends when the page aborts
	caller Caller

	alone           bool // no other authenticator is asked at the same time
	offersPIN       bool // a PIN may be set where there is none
	evaluates       bool // for prf, which wants verification although the page may not
	denialIsFailure bool // of built-in verification, on authenticators older than tokens
	absent          bool // the user need not be present: they have agreed before (§6.3.2)

	rpID           string
	rpIDHash       [sha256.Size]byte
	clientDataJSON []byte
	clientDataHash [sha256.Size]byte
}

// checkMediation refuses what this client cannot mediate.
func (c *ceremony) checkMediation() error {
	switch c.caller.Mediation {
	case "", "optional", "required", Conditional:
		return nil
	case "silent":
		// There is no passkey without the user's mediation (§5.1.4).
		return notAllowedf("mediation %q cannot yield a passkey", c.caller.Mediation)
	}
	return exceptionf(webauthn.TypeError, "mediation %q is none of silent, optional, conditional and required", c.caller.Mediation)
}

// identify settles the origin and the RP ID and with them the client data
// (#CreateCred-DetermineRpId to #CreateCred-SerializeClientDataJSON, and the
// same of GetAssn).
func (c *ceremony) identify(kind, askedRPID string, challenge []byte) error {
	origin, rpID, err := c.client.determineRPID(c.page, c.caller.Origin, askedRPID)
	if err != nil {
		return err
	}
	c.rpID, c.rpIDHash = rpID, sha256.Sum256([]byte(rpID))
	data := webauthn.ClientData{Type: kind, Challenge: challenge, Origin: origin, CrossOrigin: c.caller.CrossOrigin}
	if c.caller.CrossOrigin {
		data.TopOrigin = c.caller.TopOrigin
	}
	data = c.client.collected(data)
	c.clientDataJSON = c.client.serialised(data.Marshal())
	c.clientDataHash = sha256.Sum256(c.clientDataJSON)
	return nil
}

// checkAborted throws the reason of a page that has already withdrawn.
func (c *ceremony) checkAborted() error {
	if c.page.Err() != nil {
		return failed(c.page, c.page, c.page.Err())
	}
	return nil
}
