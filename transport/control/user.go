package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// userTimeout is how long a device waits for its user where the platform sets no
// time: CTAP 2.3 §5 wants at least 10 s.
const userTimeout = 30 * time.Second

// Manner is how a [User] answers prompts. Delay counts with [Delayed] alone.
type Manner struct {
	Kind  MannerKind
	Delay time.Duration // from the prompt to the touch
}

// MannerKind is a kind of [Manner]. The set is closed.
type MannerKind int

// The kinds.
const (
	Automatic MannerKind = iota // touches whatever asks to be touched
	Manual                      // touches when told to, by [User.Press], [User.Tap] or [User.Place]
	Refusing                    // declines
	Delayed                     // touches after a while
)

var mannerNames = [...]string{Automatic: "auto", Manual: "manual", Refusing: "refuse", Delayed: "delay"}

// String is the manner as [ParseManner] reads it.
func (m Manner) String() string {
	if m.Kind == Delayed {
		return m.Delay.String()
	}
	return mannerNames[m.Kind]
}

// ParseManner reads auto, manual, refuse, or how long it takes until the touch,
// such as 2s.
func ParseManner(s string) (Manner, error) {
	if i := slices.Index(mannerNames[:Delayed], s); i >= 0 {
		return Manner{Kind: MannerKind(i)}, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return Manner{}, fmt.Errorf("%q: give auto, manual, refuse or a duration such as 2s", s)
	}
	return Manner{Kind: Delayed, Delay: d}, nil
}

// User is an [authenticator.User] who does what a program says. The zero value is
// [Automatic]. It picks the newest of several accounts. It is safe for concurrent
// use.
type User struct {
	mu      sync.Mutex
	manner  Manner
	touches []*touch                // made, and not taken by a prompt yet
	misses  int                     // verifications that are still to fail
	prompts []*authenticator.Prompt // that wait for an answer
	polls   polling
	changed chan struct{} // closed when something of the above has changed
}

// touch is one contact with the device.
type touch struct {
	brief  bool
	placed bool // by Place, until it is lifted
	taken  chan struct{}
}

// What keeps a touch from being taken.
var (
	ErrNotAsked = errors.New("the device did not ask for a touch")
	ErrRefusing = errors.New("the user refuses")
)

// SetManner changes how prompts are answered, also those that wait.
func (u *User) SetManner(m Manner) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.manner = m
	u.notify()
}

// Press touches the device for as long as it asks for, and returns when a prompt
// has taken that: one that waits, or the next. Where ctx ends before, the error
// wraps [ErrNotAsked]. A user in the manner [Automatic] need not be told.
func (u *User) Press(ctx context.Context) error { return u.touch(ctx, &touch{}) }

// Tap is [User.Press], but briefly also where a long touch is asked for.
func (u *User) Tap(ctx context.Context) error { return u.touch(ctx, &touch{brief: true}) }

func (u *User) touch(ctx context.Context, t *touch) error {
	u.mu.Lock()
	switch u.manner.Kind {
	case Automatic:
		u.mu.Unlock()
		return nil
	case Refusing:
		u.mu.Unlock()
		return ErrRefusing
	}
	t.taken = make(chan struct{})
	u.touches = append(u.touches, t)
	u.notify()
	u.mu.Unlock()
	select {
	case <-t.taken:
		return nil
	case <-ctx.Done():
		return u.takeBack(t)
	}
}

// takeBack removes a touch that nobody has taken.
func (u *User) takeBack(t *touch) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	i := slices.Index(u.touches, t)
	if i < 0 {
		return nil // taken at the last moment
	}
	u.touches = slices.Delete(u.touches, i, i+1)
	return ErrNotAsked
}

// Place puts a finger on the device, which is one touch: for the prompt that
// waits, or the first until [User.Lift]. The manner is [Manual] from then on.
func (u *User) Place() {
	u.lift(&touch{placed: true, taken: make(chan struct{})})
}

// Lift takes the finger of [User.Place] away. The manner is [Manual] from then on.
func (u *User) Lift() { u.lift() }

// lift takes the finger away and puts it back where there is one to put.
func (u *User) lift(again ...*touch) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.manner = Manner{Kind: Manual}
	u.touches = append(slices.DeleteFunc(u.touches, func(t *touch) bool { return t.placed }), again...)
	u.notify()
}

// WrongFinger makes the next n verifications fail: the user is present but
// presents a finger that the device does not know.
func (u *User) WrongFinger(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.misses = n
}

// Standing is what a [User] is at.
type Standing struct {
	Manner      Manner
	WrongFinger int                    // verifications that are still to fail
	Waiting     []authenticator.Prompt // prompts that wait for an answer
}

// Standing returns what the user is at.
func (u *User) Standing() Standing {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := Standing{Manner: u.manner, WrongFinger: u.misses}
	for _, p := range u.prompts {
		s.Waiting = append(s.Waiting, *p)
	}
	return s
}

// AwaitPrompt waits until a prompt waits for an answer.
func (u *User) AwaitPrompt(ctx context.Context) error {
	for {
		u.mu.Lock()
		waiting, changed := len(u.prompts) > 0, u.watch()
		u.mu.Unlock()
		if waiting {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ErrNotAsked
		}
	}
}

// watch returns a channel that is closed at the next change. notify closes it.
func (u *User) watch() <-chan struct{} {
	if u.changed == nil {
		u.changed = make(chan struct{})
	}
	return u.changed
}

func (u *User) notify() {
	if u.changed != nil {
		close(u.changed)
		u.changed = nil
	}
}
