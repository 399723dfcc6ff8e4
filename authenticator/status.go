package authenticator

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// statuses is the one table from the errors of plug-ins, which know no
// statuses, to what the platform is told (CTAP 2.3 §8.2). A step that needs
// another status for its case says so itself.
var statuses = []struct {
	err    error
	status ctap.Status
}{
	{ErrDeclined, ctap.OperationDenied},
	{ErrTimedOut, ctap.UserActionTimeout},
	{ErrStoreFull, ctap.KeyStoreFull},
	{ErrNotFound, ctap.NoCredentials},
	{ErrStoreBroken, ctap.Other},
	{ErrStoreClosed, ctap.Other},
	{ErrStoreLocked, ctap.Other},
	{ErrStoreDamaged, ctap.Other},
	{ErrChange, ctap.Other},
	{ErrPowerCut, ctap.KeepaliveCancel},
}

// withStatus gives err the status it travels as, unless it has one already.
func withStatus(err error) error {
	if status := ctap.Status(0); errors.As(err, &status) {
		return err
	}
	for _, known := range statuses {
		if errors.Is(err, known.err) {
			return fmt.Errorf("%w: %w", known.status, err)
		}
	}
	return err
}

// timedOut reports whether the user let a prompt pass, by the device's patience
// or by the platform's.
func timedOut(err error) bool {
	return errors.Is(err, ErrTimedOut) || errors.Is(err, context.DeadlineExceeded)
}
