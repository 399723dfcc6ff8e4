package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// maxPINRounds bounds a dialog with an authenticator that never counts down:
// eight tries are the most that one has (CTAP 2.3 §6.5.2.3), and a change or
// two come between.
const maxPINRounds = 16

// pinDialog obtains a token with the user's PIN, which has to be set or changed
// before where the authenticator says so.
type pinDialog struct {
	*ceremony
	a    *candidate
	need need

	wrong      bool // the last PIN was
	unset      bool // the authenticator says that it has none after all
	mustChange bool // or that it takes no other than a new one
}

// token asks until the authenticator is content or nothing can be done. The PIN
// stays with the candidate, so that the user types it once in a ceremony.
func (d *pinDialog) token(ctx context.Context) (*token, error) {
	d.unset = !d.a.info.Option(ctap.OptionClientPIN)
	d.mustChange = d.a.info.ForcePINChange != nil && *d.a.info.ForcePINChange
	for range maxPINRounds {
		t, err := d.round(ctx)
		if err == nil && t == nil {
			continue // the PIN was set or changed; now for the token
		}
		if err == nil {
			return t, nil
		}
		if err := d.mend(err); err != nil {
			return nil, explain(err)
		}
	}
	return nil, fmt.Errorf("no token after %d rounds", maxPINRounds)
}

// round is one request that needs a PIN: a token, or first a new PIN.
func (d *pinDialog) round(ctx context.Context) (*token, error) {
	if d.unset {
		return nil, d.set(ctx)
	}
	if d.a.pin == "" {
		if err := d.enter(ctx); err != nil {
			return nil, err
		}
	}
	if d.mustChange {
		return nil, d.change(ctx)
	}
	return d.exchange(ctx)
}

// mend decides whether another round can help after a failed one.
func (d *pinDialog) mend(err error) error {
	switch {
	case errors.Is(err, ctap.PINInvalid):
		d.wrong, d.a.pin, d.a.shared = true, "", nil
	case errors.Is(err, ctap.PINPolicyViolation) && !d.mustChange:
		d.mustChange = true
	case errors.Is(err, ctap.PINNotSet) && !d.unset && d.need.required && d.offersPIN:
		d.unset, d.a.pin = true, ""
	default:
		return err
	}
	return nil
}

// enter asks for the PIN that is set.
func (d *pinDialog) enter(ctx context.Context) (err error) {
	prompt := PINPrompt{Authenticator: d.a.Name, Reason: PINEnter}
	if d.wrong {
		prompt.Reason = PINAgain
	}
	if prompt.Retries, err = d.a.pinRetries(ctx); err != nil {
		return err
	}
	d.a.pin, err = d.client.askPIN(ctx, prompt)
	return err
}

// pinRetries returns how many attempts are left. Its error is the status that
// the next attempt would have.
func (a *candidate) pinRetries(ctx context.Context) (uint64, error) {
	answer, err := ctap.Call(ctx, a.Transport, &ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries})
	switch {
	case err != nil:
		return 0, fmt.Errorf("getPINRetries: %w", err)
	case answer.PINRetries == nil:
		return 0, errors.New("getPINRetries: the answer has no pinRetries")
	case *answer.PINRetries == 0:
		return 0, ctap.PINBlocked
	case answer.PowerCycleState != nil && *answer.PowerCycleState:
		return 0, ctap.PINAuthBlocked
	}
	return *answer.PINRetries, nil
}

// exchange trades the PIN for a token: one with permissions, or from old
// authenticators one that is good for ceremonies only.
func (d *pinDialog) exchange(ctx context.Context) (*token, error) {
	shared, err := d.agree(ctx, d.a)
	if err != nil {
		return nil, err
	}
	hash, err := shared.secret.Encrypt(d.client.random, pinuv.HashPIN(d.a.pin))
	if err != nil {
		return nil, err
	}
	req, name := &ctap.ClientPINRequest{SubCommand: ctap.GetPINToken, PINHashEnc: hash}, "getPinToken"
	if d.a.info.Option(ctap.OptionPinUvAuthToken) {
		req.SubCommand, name = ctap.GetPinUvAuthTokenUsingPinWithPermissions, "getPinUvAuthTokenUsingPinWithPermissions"
		req.Permissions, req.RPID = &d.need.permissions, &d.need.rpID
	}
	t, err := d.requestToken(ctx, d.a, shared, req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}
