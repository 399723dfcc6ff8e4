package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// setMinPINLength of authenticatorConfig (CTAP 2.3 §6.11.4). Step 2 refuses RP IDs
// that no extension would tell anything; a model with this subcommand has one.
// Step 8 comes before 7, the only one that could not be taken back: a request that
// is refused changes nothing.
var minPINLengthSteps = []step[*config]{
	{"1 (parameters)", (*config).readMinPINLength},
	{"1 and 3", (*config).raiseMinPINLength},
	{"4", (*config).forcePINChange},
	{"5", (*config).enforceComplexity},
	{"6", (*config).replaceShortPIN},
	{"8", (*config).keepRPIDs},
	{"7 and 9", (*config).commitPINPolicy},
}

func (op *config) readMinPINLength(context.Context) (err error) {
	op.params, err = op.req.SetMinPINLength()
	return err
}

// raiseMinPINLength leaves the current length where the request has none. From
// here on op.now has the new one.
func (op *config) raiseMinPINLength(context.Context) error {
	current, limit := op.now.minPINLength, op.a.model.PIN.maxLength()
	if op.params.NewMinPINLength == nil {
		return nil
	}
	wanted := *op.params.NewMinPINLength
	if wanted < uint64(current) || wanted > uint64(limit) {
		return ctap.Errorf(ctap.PINPolicyViolation, "newMinPINLength %d is not within %d to %d", wanted, current, limit)
	}
	op.now.minPINLength = int(wanted)
	op.settings.MinPINLength = int(wanted)
	return nil
}

func (op *config) forcePINChange(context.Context) error {
	if force := op.params.ForceChangePIN; force == nil || !*force {
		return nil
	}
	if !op.now.pinSet {
		return ctap.Errorf(ctap.PINNotSet, "forceChangePin, but there is no PIN")
	}
	op.settings.ForcePINChange = true
	return nil
}

// enforceComplexity concerns PINs to come: of the one that is set, only the
// length is known. Where the device has no policy, nothing happens (§7.5).
func (op *config) enforceComplexity(context.Context) error {
	if asked := op.params.PINComplexityPolicy; asked != nil && *asked && op.a.model.PIN.Complexity != Lacking {
		op.settings.PINComplexity = true
	}
	return nil
}

func (op *config) replaceShortPIN(context.Context) error {
	if op.now.pinSet && op.settings.PINLength < op.now.minPINLength {
		op.settings.ForcePINChange = true
	}
	return nil
}

// keepRPIDs replaces the list, unless the new one is empty.
func (op *config) keepRPIDs(context.Context) error {
	if n, limit := len(op.params.MinPINLengthRPIDs), op.a.model.Config.MaxRPIDs; n > limit {
		return ctap.Errorf(ctap.KeyStoreFull, "%d minPinLengthRPIDs, there is room for %d", n, limit)
	}
	if len(op.params.MinPINLengthRPIDs) > 0 {
		op.settings.MinPINRPIDs = op.params.MinPINLengthRPIDs
	}
	return nil
}

// commitPINPolicy takes back every token, the persistent one included, where the
// PIN that they were got with must change.
func (op *config) commitPINPolicy(ctx context.Context) error {
	if op.settings.ForcePINChange {
		op.settings.PersistentToken = nil
	}
	if err := op.commit(ctx); err != nil {
		return err
	}
	if op.settings.ForcePINChange {
		op.a.session.token.end(op.a.active, TokenPINStale)
	}
	return nil
}
