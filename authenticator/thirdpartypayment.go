package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// allowThirdPartyPayment is extension thirdPartyPayment at makeCredential
// (CTAP 2.3 §12.9): the credential may confirm payments on sites of others. It
// has no output.
func (op *makeCredential) allowThirdPartyPayment(_ context.Context, asked bool) (produce, error) {
	if asked {
		op.credential.extras().ThirdPartyPayment = true
	}
	return nil, nil
}

// tellThirdPartyPayment is thirdPartyPayment at getAssertion: what was asked for
// when the credential was made.
func (op *getAssertion) tellThirdPartyPayment(_ context.Context, asked bool) (produce, error) {
	if !asked {
		return nil, nil
	}
	return func(_ context.Context, c *Credential, out *outputs) error {
		return out.signed.Set(ctap.ExtensionThirdPartyPayment, c.kept().ThirdPartyPayment)
	}, nil
}
