package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// collect is step 7 of getAssertion: what may sign. An empty allowList counts as
// none: the platform must not send one, and the text has no branch for it.
func (op *getAssertion) collect(ctx context.Context) (err error) {
	if len(op.req.AllowList) == 0 {
		op.candidates, err = op.a.discoverable(ctx, op.req.RPID)
		op.leaveOut(ctap.UserVerificationOptionalWithCredentialIDList)
	} else {
		err = op.collectAllowed(ctx)
		op.leaveOut(ctap.UserVerificationRequired)
	}
	if err == nil && len(op.candidates) == 0 {
		return ctap.Errorf(ctap.NoCredentials, "no credential for %q on this device fits", op.req.RPID)
	}
	return err
}

// leaveOut drops credentials of this protection level and above, which do not
// exist for somebody who was not verified (7.4, 7.5).
func (op *getAssertion) leaveOut(level ctap.CredProtect) {
	if op.verified {
		return
	}
	kept := op.candidates[:0]
	for _, c := range op.candidates {
		if c.protection() < level {
			kept = append(kept, c)
		}
	}
	op.candidates = kept
}

func (op *getAssertion) collectAllowed(ctx context.Context) error {
	for _, allowed := range op.req.AllowList {
		c, err := op.a.locate(ctx, op.req.RPID, allowed)
		if err != nil {
			return err
		}
		if c != nil {
			op.candidates = append(op.candidates, c)
		}
	}
	return nil
}
