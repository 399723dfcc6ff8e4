package authenticator

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// consent is what a request has learned of its user: the "uv" and "up" bits of
// the response in the making (CTAP 2.3 §6.1.2 step 4, §6.2.2 step 3).
type consent struct{ verified, present bool }

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

// presenceForCredential is the presence test of §6.1.2 step 14 and §6.2.2 step
// 9. The text answers OperationDenied to refusing and to letting it pass alike.
func (a *Authenticator) presenceForCredential(ctx context.Context, p Prompt, got *consent) error {
	err := a.requirePresence(ctx, p)
	if timedOut(err) {
		return fmt.Errorf("%w: %w", ctap.OperationDenied, err)
	}
	got.present = err == nil
	return err
}

// performBuiltInUV is §6.5.3.1 with internalRetry = true: gestures until one is
// recognised, the attempts of one request are used up, or the retries are. A
// retry is spent, and stored, before each gesture, so that cutting the power
// after a miss wins nothing. Where no gesture came, because the user declined or
// the platform cancelled, nothing was tried and the retry is given back.
func (a *Authenticator) performBuiltInUV(ctx context.Context, p Prompt, got *consent) error {
	p.Verify = true
	for range a.model.UVAttempts {
		if err := a.changeUVMisses(ctx, func(misses int) int { return misses + 1 }); err != nil {
			return err
		}
		g, err := a.ask(ctx, p)
		switch {
		case timedOut(err):
			return err // step 8: the retry stays spent
		case err != nil:
			return errors.Join(err, a.changeUVMisses(context.WithoutCancel(ctx), func(misses int) int { return misses - 1 }))
		case g.Verified: // step 9
			got.verified, got.present = true, g.Present
			return a.changeUVMisses(ctx, func(int) int { return 0 })
		}
	}
	if state, _, err := a.env.Store.Load(ctx); err != nil || state.UVMisses >= a.model.UVRetries {
		return errors.Join(err, errUVBlocked)
	}
	return errUVMismatch
}

// changeUVMisses stores a new count of failed verifications.
func (a *Authenticator) changeUVMisses(ctx context.Context, change func(int) int) error {
	state, _, err := a.env.Store.Load(ctx)
	if err != nil {
		return err
	}
	misses := change(state.UVMisses)
	if misses > a.model.UVRetries {
		return errUVBlocked
	}
	state.UVMisses = max(0, misses)
	return a.env.Store.Commit(ctx, Change{State: &state})
}

// uvForCredential is §6.1.2 step 11.2 and §6.2.2 step 6.2: built-in user
// verification with the statuses of those commands. (The line "clientPin true:
// PUATRequired" applies to devices with a client PIN.)
func (a *Authenticator) uvForCredential(ctx context.Context, p Prompt, got *consent) error {
	err := a.performBuiltInUV(ctx, p, got)
	switch {
	case timedOut(err):
		return fmt.Errorf("%w: %w", ctap.UserActionTimeout, err)
	case errors.Is(err, errUVBlocked):
		return fmt.Errorf("%w: %w", ctap.PINBlocked, err)
	case errors.Is(err, errUVMismatch):
		return fmt.Errorf("%w: %w", ctap.OperationDenied, err)
	}
	return err
}

// checkUVOption is §6.1.2 step 5.1 to 5.3 and §6.2.2 step 4.1 to 4.3: the option
// uv is false when absent, and refused where it cannot be had.
func (a *Authenticator) checkUVOption(options *ctap.Options) (uv bool, err error) {
	uv = options != nil && options.UV != nil && *options.UV
	if uv && a.model.UV != UVConfigured {
		return false, ctap.Errorf(ctap.InvalidOption, "option uv is true but built-in user verification is not there or not set up")
	}
	return uv, nil
}

// checkPinUvAuth is §6.1.2 and §6.2.2 step 2 for a device that supports no
// PIN/UV auth protocol: any that is named is unsupported. A parameter of zero
// length is no exception, because step 1 is for devices with a PIN or a token.
func checkPinUvAuth(param []byte, protocol *uint64) error {
	switch {
	case param == nil:
		return nil
	case protocol == nil:
		return ctap.Errorf(ctap.MissingParameter, "pinUvAuthParam without pinUvAuthProtocol")
	}
	return ctap.Errorf(ctap.InvalidParameter, "pinUvAuthProtocol %d is not supported", *protocol)
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
