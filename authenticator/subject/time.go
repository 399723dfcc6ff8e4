package subject

import (
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport"
)

// hours are the time of a device and of what carries its messages. They stand still
// until they are moved, and then nothing that is due is left out.
type hours struct {
	*authenticator.ManualClock
	mu     sync.Mutex
	timers []*timer
}

var _ transport.Clock = (*hours)(nil)

// timer calls f when it is due.
type timer struct {
	of  *hours
	set bool
	due time.Time
	f   func()
}

// AfterFunc implements [transport.Clock].
func (h *hours) AfterFunc(d time.Duration, f func()) transport.Timer {
	t := &timer{of: h, f: f}
	h.mu.Lock()
	h.timers = append(h.timers, t)
	h.mu.Unlock()
	t.Reset(d)
	return t
}

// Reset implements [transport.Timer].
func (t *timer) Reset(d time.Duration) (was bool) {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	was, t.set, t.due = t.set, true, t.of.Now().Add(d)
	return was
}

// Stop implements [transport.Timer].
func (t *timer) Stop() (was bool) {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	was, t.set = t.set, false
	return was
}

// pass moves the time on by d.
func (h *hours) pass(d time.Duration) {
	for until := h.Now().Add(d); h.step(until); {
		continue
	}
}

// step moves the time on to what is due next, and has it done. Where nothing is due
// before until, that is what the time is then, and the result is false.
func (h *hours) step(until time.Time) bool {
	next := h.next(until)
	if next == nil {
		h.Set(until)
		return false
	}
	next.f()
	return true
}

// ring moves the time on to what is due next, and has it done. It is false where
// nothing ever is.
func (h *hours) ring() bool {
	next := h.next(h.Now().Add(100 * time.Hour))
	if next == nil {
		return false
	}
	next.f()
	return true
}

// next is the timer that is due next, if it is before until; it is then.
func (h *hours) next(until time.Time) *timer {
	h.mu.Lock()
	defer h.mu.Unlock()
	var next *timer
	for _, t := range h.timers {
		if t.set && !t.due.After(until) && (next == nil || t.due.Before(next.due)) {
			next = t
		}
	}
	if next != nil {
		next.set = false
		if next.due.After(h.Now()) {
			h.Set(next.due)
		}
	}
	return next
}
