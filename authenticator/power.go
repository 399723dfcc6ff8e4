package authenticator

import (
	"context"
	"sync"
)

// supply lets a power cut reach the one prompt that may be waiting for the user.
type supply struct {
	mu     sync.Mutex
	off    bool
	prompt *promptContext // in progress
}

// connect returns the context of a prompt, which ends with ctx or with the
// power.
func (s *supply) connect(ctx context.Context) *promptContext {
	p := &promptContext{Context: ctx}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off {
		p.end(ErrPowerCut)
	}
	s.prompt = p
	return p
}

func (s *supply) disconnect(p *promptContext) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = nil
	p.end(context.Canceled)
}

func (s *supply) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
	if s.prompt != nil {
		s.prompt.end(ErrPowerCut)
	}
}

func (s *supply) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = false
}

// promptContext ends with the request's context or before it. Most users answer
// at once, so what it takes to wait for the end is made for those who do wait.
type promptContext struct {
	context.Context // the request's

	mu      sync.Mutex
	over    error           // why it ended before the request's, if it did
	waiting context.Context // the same as a context of package context
	cancel  context.CancelCauseFunc
}

func (p *promptContext) end(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over == nil && p.Context.Err() == nil {
		p.over = cause
	}
	if p.cancel != nil {
		p.cancel(cause)
	}
}

// Err implements [context.Context].
func (p *promptContext) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		return context.Canceled
	}
	return p.Context.Err()
}

// Done implements [context.Context].
func (p *promptContext) Done() <-chan struct{} { return p.waitable().Done() }

// Value implements [context.Context]. [context.Cause] asks by it.
func (p *promptContext) Value(key any) any { return p.waitable().Value(key) }

func (p *promptContext) waitable() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.waiting != nil:
	case p.over != nil:
		p.waiting, p.cancel = context.WithCancelCause(context.WithoutCancel(p.Context))
		p.cancel(p.over)
	default:
		p.waiting, p.cancel = context.WithCancelCause(p.Context)
	}
	return p.waiting
}
