package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// evaluateHMACSecret is extension hmac-secret-mc (CTAP 2.3 §12.8): hmac-secret as
// at getAssertion, for the credential in the making. Whoever wants it asks for
// hmac-secret too, which was read before.
func (op *makeCredential) evaluateHMACSecret(ctx context.Context, in ctap.HMACSecretInput) (produce, error) {
	var enabled bool
	if _, err := op.req.Extensions.Get(ctap.ExtensionHMACSecret, &enabled); err != nil || !enabled {
		return nil, ctap.Errorf(ctap.MissingParameter, "extension hmac-secret is not true in the same request")
	}
	h := &hmacSecret{a: op.a, in: &in, up: true, verified: op.verified}
	if err := follow(ctx, op.a.active, "12.8", h, hmacSecretSteps); err != nil {
		return nil, err
	}
	return h.tell(ctap.ExtensionHMACSecretMC), nil
}
