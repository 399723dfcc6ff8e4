package authenticator_test

import (
	"context"

	"github.com/passkeylab/passkeylab/authenticator"
)

// failingStore fails once, at a use that the test chooses.
type failingStore struct {
	authenticator.Store
	left int
	err  error // to come; nil once it has been returned
}

// failAt makes the nth use from now fail, counted from 0.
func (s *failingStore) failAt(n int, err error) { s.left, s.err = n, err }

// failed reports whether the use came, and otherwise calls it off.
func (s *failingStore) failed() bool {
	came := s.err == nil
	s.err = nil
	return came
}

func (s *failingStore) use() error {
	if s.left > 0 || s.err == nil {
		s.left--
		return nil
	}
	err := s.err
	s.err = nil
	return err
}

func (s *failingStore) Load(ctx context.Context) (authenticator.Held, error) {
	if err := s.use(); err != nil {
		return authenticator.Held{}, err
	}
	return s.Store.Load(ctx)
}

func (s *failingStore) Find(ctx context.Context, q authenticator.Query) ([]*authenticator.Credential, error) {
	if err := s.use(); err != nil {
		return nil, err
	}
	return s.Store.Find(ctx, q)
}

func (s *failingStore) Commit(ctx context.Context, change authenticator.Change) error {
	if err := s.use(); err != nil {
		return err
	}
	return s.Store.Commit(ctx, change)
}
