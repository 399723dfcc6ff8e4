package authenticator

import (
	"context"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
)

// resetWindow is how long after power-up a device without a display can be reset
// (CTAP 2.3 §6.6).
const resetWindow = 10 * time.Second

var resetSteps = []step[*Authenticator]{
	{"1", (*Authenticator).checkResetWindow},
	{"2", (*Authenticator).confirmReset},
	{"3", (*Authenticator).erase},
}

// reset is authenticatorReset (§6.6): back to the factory state. The step numbers
// are ours; the text lists conditions.
func (a *Authenticator) reset(ctx context.Context) (any, error) {
	if err := follow(ctx, "6.6", a, resetSteps); err != nil {
		return nil, err
	}
	return new(ctap.Empty), nil
}

// checkResetWindow excepts devices with a display, which show what they are
// about to do instead.
func (a *Authenticator) checkResetWindow(context.Context) error {
	if up := a.env.Clock.Now().Sub(a.poweredUp); !a.model.Display && up > resetWindow {
		return ctap.Errorf(ctap.NotAllowed, "%v after power-up, a reset is possible for %v: cycle the power first", up, resetWindow)
	}
	return nil
}

func (a *Authenticator) confirmReset(ctx context.Context) error {
	return a.requirePresence(ctx, Prompt{Kind: ConfirmReset})
}

// erase removes every credential and the device secret with them, which is what
// kills the wrapped ones.
func (a *Authenticator) erase(ctx context.Context) error {
	a.keys.forget()
	return a.env.Store.Commit(ctx, Change{Wipe: true})
}
