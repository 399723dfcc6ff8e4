package client

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/webauthn"
)

// checkConsent lets conditional create() on only after a sign-in, with the user's
// consent (§5.1.3, the step before hints are considered). Nobody is present then, and
// nobody can be verified.
func (op *creation) checkConsent() error {
	if op.caller.Mediation != Conditional {
		return nil
	}
	consents := op.client.config.Consents
	if consents == nil || !consents(op.caller, op.options.User) {
		return notAllowedf("conditional create() needs a sign-in that this client has just mediated, and the user's consent")
	}
	if op.options.AuthenticatorSelection.UserVerification == webauthn.Required {
		return exceptionf(webauthn.ConstraintError, "userVerification is required, and conditional create() cannot verify anybody")
	}
	op.absent = true
	return nil
}

// makeSilently has the first authenticator that can make the credential without
// asking anybody. What it was asked is the same as otherwise.
func (op *creation) makeSilently(ctx context.Context, fit []*candidate) (*newCredential, error) {
	op.alone = true
	for _, a := range fit {
		if a.Silently == nil {
			continue
		}
		made, err := op.silently(ctx, a)
		if final, ok := ends(err); ok {
			err = final
		}
		return made, err
	}
	return nil, errors.Join(errNobody, errors.New("none makes credentials without asking its user"))
}

func (op *creation) silently(ctx context.Context, a *candidate) (*newCredential, error) {
	made := &newCredential{by: a, request: op.parameters(a, proof{}, op.makesDiscoverable(a))}
	for _, e := range op.extensions {
		if e.input == nil {
			continue
		}
		if err := e.input(ctx, made); err != nil {
			return nil, a.failure("extension "+e.id, err)
		}
	}
	made.request.ExcludeList = a.plausible(op.exclude)
	var err error
	if made.answer, err = a.Silently(ctx, made.request); err != nil {
		return nil, a.failure("making a credential in silence", err)
	}
	if err := op.check(made); err != nil {
		return nil, a.failure("what was made in silence is not to be believed", err)
	}
	return made, nil
}
