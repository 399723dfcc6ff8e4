package authenticator

import (
	"context"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
)

// resetWindow is how long after power-up a device without a display can be reset
// (CTAP 2.3 §6.6).
const resetWindow = 10 * time.Second

var resetSteps = []step[*Authenticator]{
	{"0 (transport)", (*Authenticator).checkResetTransport},
	{"1", (*Authenticator).checkResetWindow},
	{"2", (*Authenticator).confirmReset},
	{"3", (*Authenticator).erase},
}

// reset is authenticatorReset (§6.6): back to the factory state. The step numbers
// are ours; the text lists conditions.
func (a *Authenticator) reset(ctx context.Context) (any, error) {
	if err := follow(ctx, a.active, "6.6", a, resetSteps); err != nil {
		return nil, err
	}
	return new(ctap.Empty), nil
}

// checkResetTransport is member 0x1A of getInfo (§6.4).
func (a *Authenticator) checkResetTransport(ctx context.Context) error {
	allowed, by := a.model.TransportsForReset, a.transport(ctx)
	if len(allowed) > 0 && !slices.Contains(allowed, by) {
		return ctap.Errorf(ctap.OperationDenied, "a reset over %s, possible over %v", by, allowed)
	}
	return nil
}

// checkResetWindow excepts devices with a display, which show what they are
// about to do instead.
func (a *Authenticator) checkResetWindow(context.Context) error {
	if up := a.env.Clock.Now().Sub(a.session.poweredUp); !a.model.Display && up > resetWindow {
		return ctap.Errorf(ctap.NotAllowed, "%v after power-up, a reset is possible for %v: cycle the power first", up, resetWindow)
	}
	return nil
}

// confirmReset asks for a touch, a long one where that is switched on (§7.7).
func (a *Authenticator) confirmReset(ctx context.Context) error {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return err
	}
	now := a.model.standing(&held.Settings)
	g, err := a.ask(ctx, Prompt{Kind: ConfirmReset, Long: now.longTouch})
	if err == nil && (!g.Present || now.longTouch && !g.Long) {
		return ErrDeclined
	}
	return err
}

// erase removes every credential, the device secret with them, which is what
// kills the wrapped ones, and all that was ever set. What the device knew only
// until the next power cycle goes too, except when that was.
func (a *Authenticator) erase(ctx context.Context) error {
	if err := a.save(ctx, Change{Wipe: true}); err != nil {
		return err
	}
	a.keys.forget()
	next := session{poweredUp: a.session.poweredUp, token: a.session.token}
	next.token.end(a.active, TokenErased)
	a.session = next
	return nil
}
