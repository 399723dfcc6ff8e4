package authenticator

import (
	"errors"
	"io"
	"sync"
	"time"
)

// Env is everything an authenticator needs from outside. All fields are
// required; [New] says which one is missing.
type Env struct {
	Store  Store     // where credentials live
	User   User      // the person in front of the device
	Clock  Clock     // deadlines are compared with it, never slept
	Random io.Reader // keys, credential IDs and nonces; read by one request at a time
}

func (e Env) check() error {
	switch {
	case e.Store == nil:
		return errors.New("authenticator: Env.Store is missing: NewMemoryStore() will do")
	case e.User == nil:
		return errors.New("authenticator: Env.User is missing: new(ScriptedUser) approves everything")
	case e.Clock == nil:
		return errors.New("authenticator: Env.Clock is missing: SystemClock{} or NewManualClock(start)")
	case e.Random == nil:
		return errors.New("authenticator: Env.Random is missing: a seeded stream makes runs repeatable")
	}
	return nil
}

// Clock tells the time. The rules of CTAP that know time compare two readings,
// so a clock may stand still or jump, but should not go backwards.
type Clock interface{ Now() time.Time }

// SystemClock is the clock of the machine.
type SystemClock struct{}

// Now returns the current time.
func (SystemClock) Now() time.Time { return time.Now() }

// ManualClock stands still until it is told otherwise. It is safe for
// concurrent use.
type ManualClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewManualClock returns a clock that shows start.
func NewManualClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now returns what the clock shows.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set makes the clock show t.
func (c *ManualClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Advance moves the clock on by d.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
