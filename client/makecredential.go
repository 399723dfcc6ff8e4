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
	authData *webauthn.AuthenticatorData // parsed from answer
	outputs  ctap.Extensions             // of the authenticator, signed and unsigned
	shared   *agreement                  // that outputs are encrypted with; nil without such inputs
}

// discoverable reports whether the credential was asked for with option rk.
func (n *newCredential) discoverable() bool {
	return n.request.Options != nil && n.request.Options.RK != nil
}

// make has one authenticator make the credential
// (#CreateCred-InvokeAuthnrMakeCred).
func (op *creation) make(ctx context.Context, a *candidate) (*newCredential, error) {
	if err := op.excludeByAppID(ctx, a); err != nil {
		return nil, a.failure("appidExclude", err)
	}
	a, err := op.byBestWay(ctx, a)
	if err != nil {
		return nil, a.failure("makeCredential", err)
	}
	rk := op.makesDiscoverable(a)
	made, err := op.request(ctx, a, rk)
	if errors.Is(err, ctap.KeyStoreFull) && rk && !op.needsDiscoverable() {
		// Preferred is not required: a credential that is not discoverable will do.
		made, err = op.request(ctx, a, false)
	}
	if err != nil {
		return nil, a.failure("makeCredential", err)
	}
	if err := op.check(made); err != nil {
		return nil, a.failure("the answer to makeCredential is not to be believed", err)
	}
	return made, nil
}

// makesDiscoverable reports whether the authenticator is asked for a
// discoverable credential, if it has room for one.
func (op *creation) makesDiscoverable(a *candidate) bool {
	return op.residentKey() != webauthn.Discouraged && a.info.Option(ctap.OptionRK)
}

// request has the authenticator make a credential, with the user verified as
// the page and the authenticator want it. What used a token has used it up, so
// that another request needs another proof.
func (op *creation) request(ctx context.Context, a *candidate, rk bool) (*newCredential, error) {
	n := op.needs(a, op.options.AuthenticatorSelection.UserVerification)
	n.wanted = n.wanted || a.makeNeedsUV(rk)
	n.permissions = ctap.PermissionMakeCredential
	if len(op.exclude) > 0 {
		n.permissions |= ctap.PermissionGetAssertion // for probing
	}
	return withProof(ctx, &op.ceremony, a, n, func(p proof) (*newCredential, error) {
		return op.send(ctx, a, p, rk)
	})
}

// makeNeedsUV reports whether the authenticator refuses makeCredential without
// user verification whatever the page wants (CTAP 2.3 §6.4, makeCredUvNotRqd).
func (a *candidate) makeNeedsUV(rk bool) bool {
	return a.isProtected() && (rk || !a.info.Option(ctap.OptionMakeCredUvNotRqd))
}

// send maps the options to CTAP (CTAP 2.3 §6.1.1) and has the request carried
// out with as much of the exclude list as the authenticator takes.
func (op *creation) send(ctx context.Context, a *candidate, p proof, rk bool) (*newCredential, error) {
	made := &newCredential{by: a, request: op.parameters(a, p, rk)}
	for _, e := range op.extensions {
		if e.input == nil {
			continue
		}
		if err := e.input(ctx, made); err != nil {
			return nil, err
		}
	}
	call := func(list []ctap.Descriptor) (err error) {
		made.request.ExcludeList = list
		made.answer, err = ctap.Call(ctx, a.Transport, made.request)
		return err
	}
	if len(op.exclude) == 0 {
		return made, call(nil)
	}
	return made, op.withList(ctx, a, lookup{rpID: op.rpID, proof: p}, op.exclude, call)
}

// parameters are those of the request but for the exclude list and extensions.
// Options that are false are left out, as CTAP wants for "up" and old
// authenticators for "rk" and "uv".
func (op *creation) parameters(a *candidate, p proof, rk bool) *ctap.MakeCredentialRequest {
	o := op.options
	req := &ctap.MakeCredentialRequest{
		ClientDataHash:               op.clientDataHash[:],
		RP:                           ctap.RPEntity{ID: op.rpID, Name: o.RP.Name},
		User:                         ctap.UserEntity{ID: o.User.ID, Name: o.User.Name, DisplayName: o.User.DisplayName},
		PubKeyCredParams:             op.algorithms,
		EnterpriseAttestation:        op.enterprise(a),
		AttestationFormatsPreference: op.attestationFormats(a),
	}
	if rk || p.uv {
		req.Options = &ctap.Options{RK: optional(rk), UV: optional(p.uv)}
	}
	req.PinUvAuthParam, req.PinUvAuthProtocol = p.over(op.clientDataHash[:])
	return req
}
