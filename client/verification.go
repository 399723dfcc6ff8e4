package client

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// need is what one request wants of user verification on one authenticator.
type need struct {
	wanted      bool
	required    bool             // worth setting a PIN for
	permissions ctap.Permissions // of a token, if there is to be one
	rpID        string           // that the token is for
}

// needs maps userVerification (§5.8.6) to what is asked of the authenticator,
// but for the permissions.
func (c *ceremony) needs(a *candidate, asked webauthn.Requirement) need {
	level, always := asked.Or(webauthn.Preferred), a.info.Option(ctap.OptionAlwaysUv)
	return need{
		wanted:   level != webauthn.Discouraged || always || c.evaluates && a.lists(ctap.ExtensionHMACSecret),
		required: level == webauthn.Required || always,
		rpID:     c.rpID,
	}
}

// proof is how a request shows that the user was verified, or has the
// authenticator verify them; the zero value does neither.
type proof struct {
	uv    bool // option uv
	token *token
}

// options are those of getAssertion.
func (p proof) options() *ctap.Options {
	if !p.uv {
		return nil
	}
	return &ctap.Options{UV: optional(true)}
}

// over returns pinUvAuthParam and pinUvAuthProtocol for a message.
func (p proof) over(message []byte) (param []byte, protocol *uint64) {
	if p.token == nil {
		return nil, nil
	}
	return p.token.protocol.Authenticate(p.token.value, message), protocolNumber(p.token.protocol)
}

// verifies reports whether the authenticator can verify its user by itself now.
func (a *candidate) verifies() bool { return a.info.Option(ctap.OptionUV) }

// canVerify reports whether the user can be verified at all, if need be with a
// PIN that they set for it.
func (c *ceremony) canVerify(a *candidate) bool {
	return a.verifies() || c.client.takesPIN(a) || c.offersPIN && c.client.setsPIN(a)
}

// takesPIN reports whether the user can be verified by a PIN that is set.
func (c *Client) takesPIN(a *candidate) bool {
	return c.config.PIN != nil && a.info.Option(ctap.OptionClientPIN) && !a.info.Option(ctap.OptionNoMcGaPermissionsWithClientPin)
}

// setsPIN reports whether there is no PIN yet, but could be.
func (c *Client) setsPIN(a *candidate) bool {
	set, supported := a.info.Options[ctap.OptionClientPIN]
	return c.config.PIN != nil && supported && !set && !a.info.Option(ctap.OptionNoMcGaPermissionsWithClientPin)
}

// isProtected reports whether the authenticator has some form of user
// verification set up (CTAP 2.3 §5, "protected by some form of user
// verification").
func (a *candidate) isProtected() bool {
	return a.verifies() || a.info.Option(ctap.OptionClientPIN)
}

// givesTokens reports whether built-in verification is asked for by way of a
// token. Option uv is deprecated for authenticators that have tokens; one that
// is part of the client's device is none of those that somebody else could
// speak to, and is spared the key agreement unless the token is to write.
func (a *candidate) givesTokens(n need) bool {
	return a.info.Option(ctap.OptionPinUvAuthToken) &&
		(a.attachment() != webauthn.Platform || n.permissions&ctap.PermissionLargeBlobWrite != 0)
}

// prove obtains what a request needs to count as verified: built-in
// verification goes before the PIN.
func (c *ceremony) prove(ctx context.Context, a *candidate, n need) (proof, error) {
	switch {
	case !n.wanted:
		return proof{}, nil
	case a.verifies() && a.givesTokens(n):
		t, err := c.tokenByUV(ctx, a, n)
		if errors.Is(err, ctap.UVBlocked) && c.client.takesPIN(a) {
			return c.proveByPIN(ctx, a, n)
		}
		return proof{token: t}, err
	case a.verifies():
		return proof{uv: true}, nil
	case c.client.takesPIN(a), n.required && c.offersPIN && c.client.setsPIN(a):
		return c.proveByPIN(ctx, a, n)
	}
	return proof{}, nil
}

// proveByPIN asks the user for the PIN. As long as several authenticators are
// asked at the same time it only finds out whether this is the one: nobody
// answers several dialogs at once.
func (c *ceremony) proveByPIN(ctx context.Context, a *candidate, n need) (proof, error) {
	if !c.alone {
		return proof{}, a.selectByTouch(ctx)
	}
	dialog := pinDialog{ceremony: c, a: a, need: n}
	t, err := dialog.token(ctx)
	return proof{token: t}, err
}

// withProof has ask carry out a request with the proof that it needs, and again
// with the PIN where built-in verification has failed or the authenticator
// wants a token that it did not ask for before.
func withProof[Answer any](ctx context.Context, c *ceremony, a *candidate, n need, ask func(proof) (Answer, error)) (Answer, error) {
	p, err := c.prove(ctx, a, n)
	if err != nil {
		var none Answer
		return none, err
	}
	answer, err := ask(p)
	if err == nil || !c.fallsBack(a, p, err) {
		return answer, err
	}
	if p, err = c.proveByPIN(ctx, a, n); err != nil {
		return answer, err
	}
	return ask(p)
}

// fallsBack reports whether a failed request is worth another try with the PIN.
func (c *ceremony) fallsBack(a *candidate, used proof, err error) bool {
	switch {
	case used.token != nil || !c.client.takesPIN(a):
		return false
	case errors.Is(err, ctap.PUATRequired):
		return true
	case !used.uv:
		return false
	case errors.Is(err, ctap.PINAuthInvalid), errors.Is(err, ctap.UVBlocked):
		return true
	}
	// Old authenticators say so when verification fails in getAssertion.
	return c.denialIsFailure && !a.info.Option(ctap.OptionPinUvAuthToken) && errors.Is(err, ctap.OperationDenied)
}

// optional is a CTAP option that is either true or absent.
func optional(on bool) *bool {
	if !on {
		return nil
	}
	return &on
}
