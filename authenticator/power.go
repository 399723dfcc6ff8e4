package authenticator

import (
	"context"
	"sync"

	"github.com/passkeylab/passkeylab/internal/latewait"
)

// supply lets a power cut reach the one prompt that may be waiting for the user.
type supply struct {
	mu     sync.Mutex
	off    bool
	prompt *latewait.Context // in progress
}

// connect returns the context of a prompt, which ends with ctx or with the
// power. disconnect must follow.
func (s *supply) connect(ctx context.Context) *latewait.Context {
	prompt := latewait.New(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off {
		prompt.End(ErrPowerCut)
	}
	s.prompt = prompt
	return prompt
}

func (s *supply) disconnect(prompt *latewait.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = nil
	prompt.End(nil)
}

func (s *supply) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
	if s.prompt != nil {
		s.prompt.End(ErrPowerCut)
	}
}

func (s *supply) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = false
}
