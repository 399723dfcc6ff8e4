package subject

import (
	"context"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/authenticator"
)

// user is one who can be told something else while a prompt waits, and of whom it can
// be known that one does: then time may pass.
type user struct {
	authenticator.ScriptedUser
	news func() // something has changed

	mu      sync.Mutex
	ignores bool
	waiting []waiting
}

// waiting is a prompt that the user ignores.
type waiting struct {
	context.Context
	end context.CancelFunc
}

// tell says what the user does from now on, also at a prompt that waits.
func (u *user) tell(act authenticator.Act) {
	u.Always(act)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ignores = act == authenticator.Ignore
	for _, w := range u.waiting {
		w.end()
	}
	u.waiting = nil
}

// Answer implements [authenticator.User].
func (u *user) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	for {
		w := u.begin(ctx, p)
		gesture, err := u.ScriptedUser.Answer(w, p)
		told := w.Err() != nil && ctx.Err() == nil
		w.end()
		if !told {
			return gesture, err
		}
	}
}

// begin is at the beginning of a prompt. What it returns ends with ctx, and where the
// user ignores the prompt also when the user is told something else.
func (u *user) begin(ctx context.Context, p authenticator.Prompt) waiting {
	u.mu.Lock()
	defer u.mu.Unlock()
	var w waiting
	w.Context, w.end = context.WithCancel(ctx)
	if u.ignores && !p.Polled {
		over := func(w waiting) bool { return w.Err() != nil }
		u.waiting = append(slices.DeleteFunc(u.waiting, over), w)
		u.news()
	}
	return w
}

// ignoring reports whether a prompt waits for a user who does nothing.
func (u *user) ignoring() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.ContainsFunc(u.waiting, func(w waiting) bool { return w.Err() == nil })
}
