package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// protect is extension credProtect (CTAP 2.3 §12.1). A credential is protected
// as well as its relying party asks for, or better: a device may keep to a
// stricter level of its own, and so Model.CredProtect is not lowered by asking
// for less. The output is the level that was set.
func (op *makeCredential) protect(_ context.Context, asked uint64) (produce, error) {
	level := ctap.CredProtect(asked)
	if level < ctap.UserVerificationOptional || level > ctap.UserVerificationRequired {
		return nil, ctap.Errorf(ctap.InvalidParameter, "there is no level %d", asked)
	}
	if level > op.credential.protection() {
		op.credential.extras().CredProtect = level
	}
	return saying(ctap.ExtensionCredProtect, op.credential.protection()), nil
}
