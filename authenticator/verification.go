package authenticator

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// consent is what a request has learned of its user: the "uv" and "up" bits of
// the response in the making (CTAP 2.3 §6.1.2 step 4, §6.2.2 step 3).
type consent struct {
	verified, present bool
	method            uint64 // by which the user was verified, as extension uvm tells it
}

// Why built-in user verification did not succeed.
var (
	errUVBlocked  = errors.New("built-in user verification is blocked: only a reset helps")
	errUVMismatch = errors.New("the user was not recognised")
)

// ask puts a question to the user and returns what the device believes of the
// answer.
func (a *Authenticator) ask(ctx context.Context, p Prompt) (Gesture, error) {
	prompt := a.power.connect(ctx)
	defer a.power.disconnect(prompt)
	g, err := a.env.User.Answer(prompt, p)
	if err != nil && errors.Is(context.Cause(prompt), ErrPowerCut) {
		err = ErrPowerCut
	}
	return a.active.answer(p, g, err)
}

// requirePresence asks for evidence of user interaction (§5).
func (a *Authenticator) requirePresence(ctx context.Context, p Prompt) error {
	g, err := a.ask(ctx, p)
	if err == nil && !g.Present {
		return ErrDeclined
	}
	return err
}

// claim is what a device of [UVClaimed] makes of evidence of user interaction.
func (a *Authenticator) claim(got *consent) {
	if a.model.UV == UVClaimed && got.present {
		got.verified, got.method = true, methodPresence
	}
}

// presenceForCredential is the presence test of §6.1.2 step 14 and §6.2.2 step
// 9. The text answers OperationDenied to refusing and to letting it pass alike.
func (a *Authenticator) presenceForCredential(ctx context.Context, p Prompt, got *consent) error {
	err := a.requirePresence(ctx, p)
	if timedOut(err) {
		return fmt.Errorf("%w: %w", ctap.OperationDenied, err)
	}
	got.present = err == nil
	a.claim(got)
	return err
}

// performBuiltInUV is §6.5.3.1: gestures until one is recognised, the attempts of
// one request are used up, or the retries are. A retry is spent, and stored,
// before each gesture, so that cutting the power after a miss wins nothing. Where
// no gesture came, because the user declined or the platform cancelled, nothing
// was tried and the retry is given back.
func (a *Authenticator) performBuiltInUV(ctx context.Context, attempts int, p Prompt, got *consent) error {
	if a.model.UV == UVClaimed {
		err := a.requirePresence(ctx, p)
		got.present = err == nil
		a.claim(got)
		return err
	}
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return err
	}
	if len(held.Settings.PINHash) > 0 && a.model.pinRetries(&held.State) == 0 { // step 3
		return errors.Join(errUVBlocked, a.countUV(ctx, func(s *State) { s.UVMisses = a.model.UVRetries }))
	}
	p.Verify = true
	state := held.State
	for range attempts {
		if a.model.uvRetries(&state) == 0 {
			return errUVBlocked
		}
		state.UVMisses++
		state.UVCount++
		if err := a.save(ctx, Change{State: &state}); err != nil {
			return err
		}
		g, err := a.ask(ctx, p)
		switch {
		case timedOut(err):
			return err // step 8: the retry stays spent
		case err != nil:
			return errors.Join(err, a.countUV(context.WithoutCancel(ctx), func(s *State) { s.UVMisses--; s.UVCount-- }))
		case g.Verified: // step 9
			got.verified, got.present, got.method = true, g.Present, a.model.uvMethod()
			return a.countUV(ctx, func(s *State) { s.UVMisses = 0 })
		}
	}
	if a.model.uvRetries(&state) == 0 {
		return errUVBlocked
	}
	return errUVMismatch
}

// countUV changes the counts of built-in user verification.
func (a *Authenticator) countUV(ctx context.Context, change func(*State)) error {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return err
	}
	state := held.State
	change(&state)
	return a.save(ctx, Change{State: &state})
}

// uvRetries is how many gestures may still fail.
func (m *Model) uvRetries(s *State) int { return max(0, m.UVRetries-s.UVMisses) }

// uvForCredential is §6.1.2 step 11.2 and §6.2.2 step 6.2: built-in user
// verification with the statuses of those commands. Where a PIN would do as well,
// the platform is told so.
func (a *Authenticator) uvForCredential(ctx context.Context, pinSet bool, p Prompt, got *consent) error {
	err := a.performBuiltInUV(ctx, a.model.UVAttempts, p, got)
	switch {
	case timedOut(err):
		return fmt.Errorf("%w: %w", ctap.UserActionTimeout, err)
	case !errors.Is(err, errUVBlocked) && !errors.Is(err, errUVMismatch):
		return err
	case pinSet && !a.model.PIN.NoMcGa:
		return fmt.Errorf("%w: %w", ctap.PUATRequired, err)
	case errors.Is(err, errUVBlocked):
		return fmt.Errorf("%w: %w", ctap.PINBlocked, err)
	}
	return fmt.Errorf("%w: %w", ctap.OperationDenied, err)
}

// checkUVOption is §6.1.2 step 5.1 to 5.3 and §6.2.2 step 4.1 to 4.3: the option
// uv is false when absent or when there is a pinUvAuthParam, and refused where it
// cannot be had.
func checkUVOption(options *ctap.Options, param []byte, configured bool) (uv bool, err error) {
	uv = options != nil && options.UV != nil && *options.UV && param == nil
	if uv && !configured {
		return false, ctap.Errorf(ctap.InvalidOption, "option uv is true but built-in user verification is not there or not set up")
	}
	return uv, nil
}

// clientDataHashSize is that of SHA-256.
const clientDataHashSize = 32

// checkMessage refuses what is malformed before any step looks at it (§8).
func (a *Authenticator) checkMessage(clientDataHash []byte, list []ctap.Descriptor) error {
	if len(clientDataHash) != clientDataHashSize {
		return ctap.Errorf(ctap.InvalidLength, "clientDataHash of %d bytes, want %d", len(clientDataHash), clientDataHashSize)
	}
	if limit := a.model.MaxCredentialCountInList; limit > 0 && len(list) > limit {
		return ctap.Errorf(ctap.LimitExceeded, "a list of %d credentials, maxCredentialCountInList is %d", len(list), limit)
	}
	return nil
}
