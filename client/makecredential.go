package client

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// newCredential is what an authenticator made, and what it was asked for.
type newCredential struct {
	by       *candidate
	request  *ctap.MakeCredentialRequest
	answer   *ctap.MakeCredentialResponse
	authData webauthn.AuthenticatorData // parsed from answer
}

// discoverable reports whether the credential was asked for with option rk.
func (n *newCredential) discoverable() bool {
	return n.request.Options != nil && n.request.Options.RK != nil
}

// make has one authenticator make the credential
// (#CreateCred-InvokeAuthnrMakeCred).
func (op *creation) make(ctx context.Context, a *candidate) (*newCredential, error) {
	rk := op.residentKey() != webauthn.Discouraged && a.info.Option(ctap.OptionRK)
	made, err := op.send(ctx, a, op.request(a, rk))
	if errors.Is(err, ctap.KeyStoreFull) && rk && op.residentKey() == webauthn.Preferred {
		// Preferred is not required: a credential that is not discoverable will do.
		made, err = op.send(ctx, a, op.request(a, false))
	}
	if err != nil {
		return nil, a.failure("makeCredential", err)
	}
	if err := op.check(made); err != nil {
		return nil, a.failure("the answer to makeCredential is not to be believed", err)
	}
	return made, nil
}

// request maps the options to CTAP (CTAP 2.3 §6.1.1), but for the exclude
// list. Options that are false are left out, as CTAP wants for "up" and old
// authenticators for "rk" and "uv".
func (op *creation) request(a *candidate, rk bool) *ctap.MakeCredentialRequest {
	o := op.options
	req := &ctap.MakeCredentialRequest{
		ClientDataHash:               op.clientDataHash[:],
		RP:                           ctap.RPEntity{ID: op.rpID, Name: o.RP.Name},
		User:                         ctap.UserEntity{ID: o.User.ID, Name: o.User.Name, DisplayName: o.User.DisplayName},
		PubKeyCredParams:             op.algorithms,
		AttestationFormatsPreference: op.attestationFormats(a),
	}
	uv := a.wantsUV(o.AuthenticatorSelection.UserVerification) || a.makeNeedsUV(rk)
	if rk || uv {
		req.Options = &ctap.Options{RK: optional(rk), UV: optional(uv)}
	}
	return req
}

// makeNeedsUV reports whether the authenticator refuses makeCredential without
// user verification whatever the page wants (CTAP 2.3 §6.4, makeCredUvNotRqd).
func (a *candidate) makeNeedsUV(rk bool) bool {
	return a.verifies() && (rk || !a.info.Option(ctap.OptionMakeCredUvNotRqd))
}

// optional is a CTAP option that is either true or absent.
func optional(on bool) *bool {
	if !on {
		return nil
	}
	return &on
}

// send has the request carried out with as much of the exclude list as the
// authenticator takes.
func (op *creation) send(ctx context.Context, a *candidate, req *ctap.MakeCredentialRequest) (*newCredential, error) {
	made := &newCredential{by: a, request: req}
	call := func(list []ctap.Descriptor) (err error) {
		req.ExcludeList = list
		made.answer, err = ctap.Call(ctx, a.Transport, req)
		return err
	}
	if len(op.exclude) == 0 {
		return made, call(nil)
	}
	return made, op.withList(ctx, a, op.exclude, call)
}
