package authenticator

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/ctap"
)

// Act is what a [ScriptedUser] does at a prompt.
type Act int

// The acts. Ignore waits until the platform gives up and therefore needs a
// context that ends, except where the platform polls; TimeOut is the same person
// seen by a device whose own patience ends first, and takes no time.
const (
	Approve Act = iota // touch, with the right finger, the picked account
	Decline
	Ignore
	TimeOut
	Tap // as Approve, but briefly where a long touch is asked for
)

// ScriptedUser is a [User] that acts by script. The zero value approves
// everything and picks the newest account. It is safe for concurrent use.
type ScriptedUser struct {
	mu      sync.Mutex
	always  Act
	queue   []Act
	misses  int
	samples []ctap.SampleStatus // of the next captures; good ones after that
	picks   func(ctap.UserEntity) bool
	picked  string          // what picks looks for, in words
	asked   []Prompt        // the last ones
	times   int             // asked in all
	waiters []chan struct{} // closed at the next prompt
}

// maxAsked is how many prompts a ScriptedUser remembers at least; twice as many
// at most. Every garbage collection visits them all.
const maxAsked = 100

// Always sets what the user does at every prompt that the queue of
// [ScriptedUser.Then] does not cover.
func (u *ScriptedUser) Always(act Act) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.always = act
}

// Then queues acts, one for each of the next prompts.
func (u *ScriptedUser) Then(acts ...Act) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.queue = append(u.queue, acts...)
}

// WrongFinger makes the next n verifications fail: the user is present but
// presents a finger that the device does not know. Prompts that ask for
// presence alone do not count.
func (u *ScriptedUser) WrongFinger(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.misses = n
}

// Samples queues how good the next touches are at prompts to capture a finger.
func (u *ScriptedUser) Samples(statuses ...ctap.SampleStatus) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.samples = append(u.samples, statuses...)
}

// Pick chooses the account of this name whenever there is a choice, until the
// next Pick. Where it is not offered the user declines. "" goes back to the
// newest account.
func (u *ScriptedUser) Pick(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.picks, u.picked = nil, ""
	if name != "" {
		u.picks = func(account ctap.UserEntity) bool { return account.Name == name }
		u.picked = fmt.Sprintf("%q", name)
	}
}

// PickHandle is [ScriptedUser.Pick] by user handle: names are only shown after
// user verification (CTAP 2.3 §6.2.2 step 12.3 concerns the answer; a device's
// own display shows what it likes), handles always.
func (u *ScriptedUser) PickHandle(handle []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	handle = bytes.Clone(handle)
	u.picks = func(account ctap.UserEntity) bool { return bytes.Equal(account.ID, handle) }
	u.picked = fmt.Sprintf("user handle %x", handle)
}

// Asked returns the prompts so far, oldest first. Of very many only the last
// hundred are sure to be there.
func (u *ScriptedUser) Asked() []Prompt {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.asked)
}

// AwaitAsked waits until the user has been asked n times in all. The last of
// these prompts may be waiting for its answer still.
func (u *ScriptedUser) AwaitAsked(ctx context.Context, n int) error {
	for {
		u.mu.Lock()
		if u.times >= n {
			u.mu.Unlock()
			return nil
		}
		news := make(chan struct{})
		u.waiters = append(u.waiters, news)
		u.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return fmt.Errorf("waiting for prompt %d: %w", n, ctx.Err())
		}
	}
}

// Answer implements [User].
func (u *ScriptedUser) Answer(ctx context.Context, p Prompt) (Gesture, error) {
	act := u.take(p)
	if err := ctx.Err(); err != nil {
		return Gesture{}, err
	}
	switch {
	case act == Decline:
		return Gesture{}, ErrDeclined
	case act == TimeOut, act == Ignore && p.Polled:
		return Gesture{}, ErrTimedOut
	case act == Ignore:
		<-ctx.Done()
		return Gesture{}, ctx.Err()
	}
	return u.approve(p, act == Approve)
}

// take records the prompt and takes the act it is answered with.
func (u *ScriptedUser) take(p Prompt) Act {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.times++
	if len(u.asked) == 2*maxAsked {
		u.asked = slices.Delete(u.asked, 0, maxAsked)
	}
	u.asked = append(u.asked, p)
	for _, waiter := range u.waiters {
		close(waiter)
	}
	u.waiters = nil
	if len(u.queue) == 0 {
		return u.always
	}
	act := u.queue[0]
	u.queue = u.queue[1:]
	return act
}

func (u *ScriptedUser) approve(p Prompt, patient bool) (Gesture, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	g := Gesture{Present: true, Verified: p.Verify, Long: p.Long && patient}
	if p.Verify && u.misses > 0 {
		u.misses--
		g.Verified = false
	}
	if p.Kind == CaptureFinger && len(u.samples) > 0 {
		g.Sample, u.samples = u.samples[0], u.samples[1:]
	}
	if p.Kind == ChooseAccount && u.picks != nil {
		g.Choice = slices.IndexFunc(p.Accounts, u.picks)
		if g.Choice < 0 {
			return Gesture{}, fmt.Errorf("%w: %s is not among the accounts offered", ErrDeclined, u.picked)
		}
	}
	return g, nil
}
