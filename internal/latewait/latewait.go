// Package latewait makes contexts whose end costs nothing until somebody waits
// for it: most requests are answered at once, and nobody does.
//
// It owns the rules of package context for such contexts: which end came first,
// with which error and cause. It must never know what is waited for.
package latewait

import (
	"context"
	"sync"
	"time"
)

// Context ends with its parent, at its deadline, or when [Context.End] is
// called, whichever comes first. No timer runs, and the parent knows nothing of
// it, before Done or Value is called; until then an end that nobody has asked
// about gives way to [Context.End].
type Context struct {
	context.Context // the parent

	deadline time.Time // zero for none of its own

	mu         sync.Mutex
	err, cause error           // once it has ended
	waiting    context.Context // the same as a context of package context
	cancel     context.CancelCauseFunc
}

var _ context.Context = (*Context)(nil)

// New returns a Context that ends with parent or by [Context.End].
func New(parent context.Context) *Context { return &Context{Context: parent} }

// WithTimeout is context.WithTimeout.
func WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	c := &Context{Context: parent, deadline: time.Now().Add(d)}
	return c, func() { c.End(context.Canceled) }
}

// End ends the context, if nothing else has, as the CancelCauseFunc of
// context.WithCancelCause does.
func (c *Context) End(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.cancel != nil:
		c.cancel(cause)
	case c.err == nil:
		c.err, c.cause = context.Canceled, cause
	}
}

// settle notices an end that came by itself.
func (c *Context) settle() {
	switch {
	case c.err != nil:
	case c.Context.Err() != nil:
		c.err, c.cause = c.Context.Err(), context.Cause(c.Context)
	case !c.deadline.IsZero() && !time.Now().Before(c.deadline):
		c.err, c.cause = context.DeadlineExceeded, context.DeadlineExceeded
	}
}

// Err implements [context.Context].
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting != nil {
		return c.waiting.Err()
	}
	c.settle()
	return c.err
}

// Deadline implements [context.Context].
func (c *Context) Deadline() (time.Time, bool) {
	first, ok := c.Context.Deadline()
	if c.deadline.IsZero() || ok && first.Before(c.deadline) {
		return first, ok
	}
	return c.deadline, true
}

// Done implements [context.Context].
func (c *Context) Done() <-chan struct{} { return c.wait().Done() }

// Value implements [context.Context]. Package context asks by it for the cause.
func (c *Context) Value(key any) any { return c.wait().Value(key) }

// wait sets up what it takes to wait.
func (c *Context) wait() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting != nil {
		return c.waiting
	}
	if c.settle(); c.err != nil {
		c.waiting, c.cancel = ended(context.WithoutCancel(c.Context), c.err, c.cause)
		return c.waiting
	}
	parent, stop := c.Context, func() {}
	if !c.deadline.IsZero() {
		parent, stop = context.WithDeadline(parent, c.deadline)
	}
	waiting, cancel := context.WithCancelCause(parent)
	c.waiting, c.cancel = waiting, func(cause error) {
		cancel(cause)
		stop()
	}
	return c.waiting
}

// ended returns a context that has ended in the way given.
func ended(parent context.Context, err, cause error) (context.Context, context.CancelCauseFunc) {
	if err == context.DeadlineExceeded {
		past, stop := context.WithDeadlineCause(parent, time.Time{}, cause)
		return past, func(error) { stop() }
	}
	done, cancel := context.WithCancelCause(parent)
	cancel(cause)
	return done, cancel
}
