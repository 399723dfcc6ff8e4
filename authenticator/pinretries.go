package authenticator

import (
	"context"
	"crypto/subtle"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// maxPINMisses is how many wrong PINs in a row a device takes between two power
// cycles (CTAP 2.3 §6.5.2.3).
const maxPINMisses = 3

// pinRetries is how many attempts are left.
func (m *Model) pinRetries(s *State) int { return max(0, m.PIN.Retries-s.PINMisses) }

// checkPINRetries refuses before any cryptography when attempts are used up, for
// good or until the next power cycle.
func (a *Authenticator) checkPINRetries(s *State) error {
	if a.model.pinRetries(s) == 0 {
		return ctap.Errorf(ctap.PINBlocked, "no PIN attempt is left: only a reset helps")
	}
	if a.session.pinMisses >= maxPINMisses {
		return ctap.Errorf(ctap.PINAuthBlocked, "%d wrong PINs in a row: the power must be cycled", maxPINMisses)
	}
	return nil
}

// checkPIN decrypts a PIN hash and compares it with the stored one (§6.5.5.6
// steps 6 to 8, and the like elsewhere). The attempt is stored as used up before
// anything is compared, so that cutting the power wins nothing.
func (a *Authenticator) checkPIN(ctx context.Context, held *Held, p pinuv.Protocol, shared pinuv.Secret, pinHashEnc []byte) error {
	held.State.PINMisses++
	if err := a.save(ctx, Change{State: &held.State}); err != nil {
		return err
	}
	hash, err := shared.Decrypt(pinHashEnc)
	if err == nil && subtle.ConstantTimeCompare(hash, held.Settings.PINHash) == 1 {
		return a.rightPIN(ctx, held)
	}
	a.regenerate(p)
	a.session.pinMisses++
	if err := a.checkPINRetries(&held.State); err != nil {
		return err
	}
	return ctap.Errorf(ctap.PINInvalid, "the PIN is wrong; %d attempts are left", a.model.pinRetries(&held.State))
}

// rightPIN gives back all attempts, those of built-in UV too.
func (a *Authenticator) rightPIN(ctx context.Context, held *Held) error {
	a.session.pinMisses = 0
	held.State.PINMisses, held.State.UVMisses, held.State.UVCount = 0, 0, 0
	return a.save(ctx, Change{State: &held.State})
}
