package client

import (
	"context"

	"github.com/passkeylab/passkeylab/webauthn"
)

// SignalReceiver carries out the authenticator actions of signals (§5.1.10). No page
// learns what came of them; an error is for whoever called the client.
type SignalReceiver interface {
	Signal(ctx context.Context, s webauthn.Signal) error
}

// Signal answers one of the signal methods of the calling page: it hands the signal to
// every authenticator that receives any, once the page's origin may use the RP ID. The
// error is a [*webauthn.DOMException] where the page is to have one.
//
// The page's promise says nothing of what authenticators did, so their errors do not
// come back; [Config.SignalFailed] hears of them.
func (c *Client) Signal(ctx context.Context, caller Caller, s webauthn.Signal) error {
	if err := c.mayName(ctx, caller, s.RelyingParty()); err != nil {
		return err
	}
	for _, a := range c.config.Authenticators() {
		if a.Signals == nil {
			continue
		}
		if err := a.Signals.Signal(ctx, s); err != nil && c.config.SignalFailed != nil {
			c.config.SignalFailed(a.Name, err)
		}
	}
	return nil
}

// mayName is the asynchronous RP ID validation algorithm (§5.1.10.1). Unlike create()
// and get() it knows no RP ID that applies where none is given.
func (c *Client) mayName(ctx context.Context, caller Caller, rpID string) error {
	o, err := parseOrigin(caller.Origin)
	if err == nil {
		err = c.rpIDVerdict(o.String(), rpID, c.mayUse(ctx, o, rpID))
	}
	if err != nil {
		return exceptionf(webauthn.SecurityError, "%v", err)
	}
	return nil
}

// SignalJSON is Signal for callers that carry JSON between page and client: method is
// the name of the signal method, options is its argument.
func (c *Client) SignalJSON(ctx context.Context, caller Caller, method string, options []byte) error {
	s, err := webauthn.ParseSignal(method, options)
	if err != nil {
		return &webauthn.DOMException{Name: webauthn.TypeError, Message: err.Error(), Cause: err}
	}
	return c.Signal(ctx, caller, s)
}
