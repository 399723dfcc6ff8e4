package control

import (
	"context"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Answer implements [authenticator.User].
func (u *User) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	if err := ctx.Err(); err != nil {
		return authenticator.Gesture{}, err
	}
	if p.Polled {
		return u.answerPoll(p)
	}
	patience := p.Patience
	if patience == 0 {
		patience = userTimeout
	}
	end := time.NewTimer(patience)
	defer end.Stop()
	asked := time.Now()
	u.show(&p)
	defer u.hide(&p)
	for {
		done, changed, delay := u.decide(p, time.Since(asked))
		if done != nil {
			return done.gesture, done.err
		}
		select {
		case <-changed:
		case <-delay:
		case <-end.C:
			return authenticator.Gesture{}, authenticator.ErrTimedOut
		case <-ctx.Done():
			return authenticator.Gesture{}, ctx.Err()
		}
	}
}

// act is what the user does at a prompt.
type act struct {
	gesture authenticator.Gesture
	err     error
}

// decide answers a prompt that has waited for some time, or says what to wait
// for: a change, and the end of a delay where there is one.
func (u *User) decide(p authenticator.Prompt, waited time.Duration) (done *act, changed <-chan struct{}, delay <-chan time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if done := u.act(p, waited); done != nil {
		return done, nil, nil
	}
	if u.manner.Kind == Delayed {
		delay = time.After(u.manner.Delay - waited)
	}
	return nil, u.watch(), delay
}

// act answers a prompt if the user does something by now, else it returns nil.
func (u *User) act(p authenticator.Prompt, waited time.Duration) *act {
	switch {
	case u.manner.Kind == Refusing:
		return &act{err: authenticator.ErrDeclined}
	case len(u.touches) > 0:
		t := u.touches[0]
		u.touches = u.touches[1:]
		close(t.taken)
		return &act{gesture: u.gesture(p, t.brief)}
	case u.manner.Kind == Automatic, u.manner.Kind == Delayed && waited >= u.manner.Delay:
		return &act{gesture: u.gesture(p, false)}
	}
	return nil
}

// gesture is a touch with the right finger, or with the wrong one.
func (u *User) gesture(p authenticator.Prompt, brief bool) authenticator.Gesture {
	g := authenticator.Gesture{Present: true, Verified: p.Verify, Long: p.Long && !brief}
	if p.Verify && u.misses > 0 {
		u.misses--
		g.Verified = false
	}
	return g
}

// pollGap is how long after a poll the next one belongs to the same wish for a
// touch: clients of U2F ask again several times a second.
const pollGap = 2 * time.Second

// polling is a wish for a touch that comes as one request after the other.
type polling struct{ first, last time.Time }

// answerPoll tells what the user has done by now.
func (u *User) answerPoll(p authenticator.Prompt) (authenticator.Gesture, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	if now.Sub(u.polls.last) > pollGap {
		u.polls.first = now
	}
	u.polls.last = now
	done := u.act(p, now.Sub(u.polls.first))
	if done == nil {
		return authenticator.Gesture{}, authenticator.ErrTimedOut
	}
	u.polls = polling{}
	return done.gesture, done.err
}

// show adds a prompt to those that wait, hide removes it.
func (u *User) show(p *authenticator.Prompt) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.prompts = append(u.prompts, p)
	u.notify()
}

func (u *User) hide(p *authenticator.Prompt) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.prompts = slices.DeleteFunc(u.prompts, func(q *authenticator.Prompt) bool { return p == q })
}
