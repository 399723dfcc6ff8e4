package authenticator

import (
	"context"
	"sync"
)

// supply lets a power cut reach the one prompt that may be waiting for the user.
type supply struct {
	mu    sync.Mutex
	off   bool
	abort context.CancelCauseFunc // of the prompt in progress
}

// connect returns the context of a prompt, which ends with ctx or with the
// power.
func (s *supply) connect(ctx context.Context) (prompt context.Context, disconnect func()) {
	prompt, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off {
		cancel(ErrPowerCut)
	}
	s.abort = cancel
	return prompt, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.abort = nil
		cancel(nil)
	}
}

func (s *supply) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
	if s.abort != nil {
		s.abort(ErrPowerCut)
	}
}

func (s *supply) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = false
}
