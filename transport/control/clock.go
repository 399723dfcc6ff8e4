package control

import (
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport"
)

// Clock is the time that a device and what carries its messages live in. It goes as the
// machine's does, ahead of it by as much as it was moved forward. It is safe for
// concurrent use; the zero value is the machine's time.
type Clock struct {
	moving sync.Mutex // held by whoever moves the time

	mu    sync.Mutex
	ahead time.Duration
	set   map[*timer]bool // those that are to ring
}

var (
	_ authenticator.Clock = (*Clock)(nil)
	_ transport.Clock     = (*Clock)(nil)
)

// Now returns the time that it is for the device.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time { return time.Now().Add(c.ahead) }

// AfterFunc implements [transport.Clock].
func (c *Clock) AfterFunc(d time.Duration, f func()) transport.Timer {
	t := &timer{of: c, f: f}
	t.Reset(d)
	return t
}

// Forward moves the time on by d. What becomes due meanwhile is done before it returns,
// each at its time and in its order.
func (c *Clock) Forward(d time.Duration) {
	c.moving.Lock()
	defer c.moving.Unlock()
	for until := c.Now().Add(d); ; {
		next := c.step(until)
		if next == nil {
			return
		}
		next.f()
	}
}

// step moves the time on to what is due next, and returns that. Where nothing is due
// before until, that is what the time is then.
func (c *Clock) step(until time.Time) *timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	var next *timer
	for t := range c.set {
		if !t.due.After(until) && (next == nil || t.due.Before(next.due)) {
			next = t
		}
	}
	at := until
	if next != nil {
		at = next.due
		next.clear()
	}
	if ahead := at.Sub(c.now()); ahead > 0 {
		c.ahead += ahead
	}
	if next == nil { // those that are left ring earlier by the machine's time
		for t := range c.set {
			t.arm()
		}
	}
	return next
}

// timer calls f when it is due. All but f is guarded by the clock's mutex.
type timer struct {
	of    *Clock
	f     func()
	due   time.Time
	alarm *time.Timer // of the machine, while the timer is set
}

// Reset implements [transport.Timer].
func (t *timer) Reset(d time.Duration) (was bool) {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	was = t.clear()
	t.due = t.of.now().Add(d)
	if t.of.set == nil {
		t.of.set = map[*timer]bool{}
	}
	t.of.set[t] = true
	t.arm()
	return was
}

// Stop implements [transport.Timer].
func (t *timer) Stop() (was bool) {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	return t.clear()
}

// clear has the timer not ring, and reports whether it was to.
func (t *timer) clear() (was bool) {
	was = t.of.set[t]
	delete(t.of.set, t)
	if t.alarm != nil {
		t.alarm.Stop()
		t.alarm = nil
	}
	return was
}

// arm has the machine ring when the timer is due. An alarm that was on its way when it
// was stopped finds that it is not the timer's any more.
func (t *timer) arm() {
	if t.alarm != nil {
		t.alarm.Stop()
	}
	var alarm *time.Timer
	alarm = time.AfterFunc(t.due.Sub(t.of.now()), func() {
		t.of.mu.Lock()
		rings := t.alarm == alarm
		if rings {
			t.clear()
		}
		t.of.mu.Unlock()
		if rings {
			t.f()
		}
	})
	t.alarm = alarm
}
