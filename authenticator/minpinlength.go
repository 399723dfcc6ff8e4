package authenticator

import (
	"context"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
)

// tellMinPINLength is extension minPinLength (CTAP 2.3 §12.5): the minimum PIN
// length, told only to the relying parties that setMinPINLength listed.
func (op *makeCredential) tellMinPINLength(_ context.Context, asked bool) (produce, error) {
	if !asked || !op.mayKnowPINRules() {
		return nil, nil
	}
	return saying(ctap.ExtensionMinPINLength, uint64(op.now.minPINLength)), nil
}

// mayKnowPINRules reports whether the relying party is on the list of §6.11.4.
func (op *makeCredential) mayKnowPINRules() bool {
	return slices.Contains(op.now.minPINRPIDs, op.req.RP.ID)
}
