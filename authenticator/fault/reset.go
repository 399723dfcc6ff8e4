package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// toErase is where a reset erases.
var toErase = at("6.6", "3")

func resetFaults() []Fault {
	const rules = "CTAP 2.3 §6.6"
	return []Fault{
		{
			ID: "reset/without-touch", Spec: rules,
			Doc:   "A reset needs no touch.",
			Seams: skipping(at("6.6", "2")),
		}, {
			ID: "reset/at-any-time", Spec: rules + " (10 seconds after power-up)",
			Doc:   "A reset is possible at any time after power-up.",
			Seams: unchecked(at("6.6", "1")),
		}, {
			ID: "reset/does-nothing", Spec: rules,
			Doc:   "A reset succeeds and erases nothing.",
			Seams: skipping(toErase),
		}, {
			ID: "reset/never", Spec: rules,
			Doc: "A reset is never allowed.",
			Seams: authenticator.Seams{Steps: steps{at("6.6", "1"): func(func() error) error {
				return ctap.Errorf(ctap.NotAllowed, "the fault says so")
			}}},
		},
		resetKeeping("reset/keeps-passkeys", "A reset erases the PIN and all that was set, and keeps the passkeys.", func(before, wiped *authenticator.Change) {
			wiped.Put = before.Put
		}),
		resetKeeping("reset/keeps-pin", "A reset erases all credentials, and keeps the PIN.", func(before, wiped *authenticator.Change) {
			if s := before.Settings; s != nil {
				wiped.Settings = &authenticator.Settings{PINHash: s.PINHash, PINLength: s.PINLength}
			}
		}),
		resetKeeping("reset/keeps-secret", "A reset keeps the secret of the device, so that credentials which are not discoverable work still.", func(before, wiped *authenticator.Change) {
			if s := before.State; s != nil {
				wiped.State = &authenticator.State{Secret: s.Secret}
			}
		}),
		resetKeeping("reset/keeps-large-blobs", "A reset keeps the array of large blobs.", func(before, wiped *authenticator.Change) {
			wiped.LargeBlobs = before.LargeBlobs
		}),
		resetKeeping("reset/keeps-settings", "A reset keeps what was configured, such as the minimum PIN length.", func(before, wiped *authenticator.Change) {
			if s := before.Settings; s != nil {
				kept := *s
				kept.PINHash, kept.PINLength, kept.ForcePINChange = nil, 0, false
				wiped.Settings = &kept
			}
		}),
		keepsMissesInARow(),
	}
}

// keepsMissesInARow counts the wrong PINs itself.
func keepsMissesInARow() Fault {
	const most = 3
	inARow := 0
	return Fault{
		ID: "reset/keeps-misses-in-a-row", Spec: "CTAP 2.3 §6.6 step 4, §6.5.2.3 step 3",
		Doc: "Of three wrong PINs in a row, after which the power has to be cut, those before a reset count.",
		Seams: authenticator.Seams{
			PowerCycled: func() { inARow = 0 },
			Result: func(req ctap.Request, resp any, err error) (any, error) {
				r, is := req.(*ctap.ClientPINRequest)
				if !is || r.PINHashEnc == nil {
					return resp, err
				}
				switch ctap.StatusOf(err) {
				case ctap.OK:
					inARow = 0
				case ctap.PINInvalid:
					if inARow++; inARow >= most {
						return nil, ctap.Errorf(ctap.PINAuthBlocked, "the fault says so")
					}
				}
				return resp, err
			},
		},
	}
}

// resetKeeping puts back into a wipe what was kept before it.
func resetKeeping(id, doc string, restore func(before, wiped *authenticator.Change)) Fault {
	var before authenticator.Change
	return Fault{
		ID: id, Spec: "CTAP 2.3 §6.6", Doc: doc,
		Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
			if c.Wipe {
				restore(&before, &c)
				return c
			}
			note(&before, &c)
			return c
		}},
	}
}

// note adds to what was kept before, without what was deleted.
func note(before, c *authenticator.Change) {
	var left []*authenticator.Credential
	for _, old := range before.Put {
		if !gone(old.ID, c) {
			left = append(left, old)
		}
	}
	before.Put = append(left, c.Put...)
	if c.State != nil {
		before.State = c.State
	}
	if c.Settings != nil {
		before.Settings = c.Settings
	}
	if c.LargeBlobs != nil {
		before.LargeBlobs = c.LargeBlobs
	}
}

// gone reports whether a change deletes or replaces a credential.
func gone(id []byte, c *authenticator.Change) bool {
	for _, deleted := range c.Delete {
		if string(deleted) == string(id) {
			return true
		}
	}
	for _, put := range c.Put {
		if string(put.ID) == string(id) {
			return true
		}
	}
	return false
}
