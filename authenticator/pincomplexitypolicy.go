package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// tellPINComplexityPolicy is extension pinComplexityPolicy (CTAP 2.3 §12.6):
// whether PINs must be more than long. It is told to whom minPinLength is.
func (op *makeCredential) tellPINComplexityPolicy(_ context.Context, asked bool) (produce, error) {
	if !asked || !op.mayKnowPINRules() {
		return nil, nil
	}
	return saying(ctap.ExtensionPINComplexityPolicy, op.now.complexity), nil
}
