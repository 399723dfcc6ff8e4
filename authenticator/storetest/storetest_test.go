package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/storetest"
	"github.com/passkeylab/passkeylab/internal/contract"
)

// judge runs the contract and returns what it found.
func judge(t *testing.T, fresh func(*contract.Recorder) storetest.Medium) []string {
	return contract.Judge(t.Context(), func(r *contract.Recorder) { storetest.Run(r, fresh) })
}

// mutant is a store with something wrong, on top of a good one.
type mutant struct {
	authenticator.Store
	load   func(*authenticator.Held)
	find   func(authenticator.Query, []*authenticator.Credential) []*authenticator.Credential
	commit func(authenticator.Store, authenticator.Change) error
}

func (m *mutant) Load(ctx context.Context) (authenticator.Held, error) {
	held, err := m.Store.Load(ctx)
	if m.load != nil {
		m.load(&held)
	}
	return held, err
}

func (m *mutant) Find(ctx context.Context, q authenticator.Query) ([]*authenticator.Credential, error) {
	found, err := m.Store.Find(ctx, q)
	if m.find != nil {
		found = m.find(q, found)
	}
	return found, err
}

func (m *mutant) Commit(ctx context.Context, change authenticator.Change) error {
	if m.commit != nil {
		return m.commit(m.Store, change)
	}
	return m.Store.Commit(ctx, change)
}

func TestGoodStorePasses(t *testing.T) {
	t.Parallel()
	assert.Empty(t, judge(t, func(*contract.Recorder) storetest.Medium {
		store := &mutant{Store: authenticator.NewMemoryStore()}
		return storetest.Medium{Open: func() (authenticator.Store, error) { return store, nil }}
	}))
}

// Every rule of the contract is noticed when it is broken.
func TestMutantsAreCaught(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, c := range map[string]struct {
		mutant mutant
		caught string // the rule that should notice, among others
	}{
		"newest first": {mutant{find: func(_ authenticator.Query, found []*authenticator.Credential) []*authenticator.Credential {
			found = slices.Clone(found)
			slices.Reverse(found)
			return found
		}}, "finds by ID"},
		"counts all as discoverable": {mutant{load: func(h *authenticator.Held) { h.Discoverable++ }}, "begins empty"},
		"forgets the state's secret": {mutant{load: func(h *authenticator.Held) { h.State.Secret = nil }}, "keeps what else is held"},
		"forgets the fingerprints":   {mutant{load: func(h *authenticator.Held) { h.Settings.Templates = nil }}, "keeps what else is held"},
		"forgets the large blobs":    {mutant{load: func(h *authenticator.Held) { h.LargeBlobs = nil }}, "keeps what else is held"},
		"never wipes": {mutant{commit: func(s authenticator.Store, change authenticator.Change) error {
			change.Wipe = false
			return s.Commit(ctx, change)
		}}, "wipes, deletes and puts"},
		"deletes after putting": {mutant{commit: func(s authenticator.Store, change authenticator.Change) error {
			deleted := change.Delete
			change.Delete = nil
			return errors.Join(s.Commit(ctx, change), s.Commit(ctx, authenticator.Change{Delete: deleted}))
		}}, "wipes, deletes and puts"},
		"resets the state with every change": {mutant{commit: func(s authenticator.Store, change authenticator.Change) error {
			if change.State == nil {
				change.State = new(authenticator.State)
			}
			return s.Commit(ctx, change)
		}}, "keeps what else is held"},
		"puts one after the other": {mutant{commit: func(s authenticator.Store, change authenticator.Change) error {
			for _, put := range change.Put {
				if err := s.Commit(ctx, authenticator.Change{Put: []*authenticator.Credential{put}}); err != nil {
					return err
				}
			}
			change.Put = nil
			return s.Commit(ctx, change)
		}}, "refuses a bad change"},
		"refuses without saying why": {mutant{commit: func(s authenticator.Store, change authenticator.Change) error {
			if s.Commit(ctx, change) != nil {
				return errors.New("no")
			}
			return nil
		}}, "refuses a bad change"},
		"hands out the same slice": {mutant{find: sameSlice()}, "leaves what it handed out alone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := judge(t, func(*contract.Recorder) storetest.Medium {
				m := c.mutant
				m.Store = authenticator.NewMemoryStore()
				return storetest.Medium{Open: func() (authenticator.Store, error) { return &m, nil }}
			})
			assert.True(t, contract.Notice(failed, c.caught), "%q did not notice; what did: %q", c.caught, failed)
		})
	}
}

// sameSlice reuses one slice for every result of two credentials.
func sameSlice() func(authenticator.Query, []*authenticator.Credential) []*authenticator.Credential {
	var mu sync.Mutex
	var shared [2]*authenticator.Credential
	return func(_ authenticator.Query, found []*authenticator.Credential) []*authenticator.Credential {
		if len(found) != len(shared) {
			return found
		}
		mu.Lock()
		defer mu.Unlock()
		copy(shared[:], found)
		return shared[:]
	}
}

// lossy is a medium whose stores forget, when the power goes, what they should
// have kept.
type lossy struct {
	mu         sync.Mutex
	kept, seen []authenticator.Change
	left       int
	off        bool
	keep       func(l *lossy, change authenticator.Change)
}

func (l *lossy) CutAt(n int) { l.left = n }

func (l *lossy) Restore() (wasCut bool) {
	wasCut, l.off, l.left = l.off, false, -1
	return wasCut
}

func (l *lossy) open() (authenticator.Store, error) {
	store := authenticator.NewMemoryStore()
	for _, change := range l.kept {
		if err := store.Commit(context.Background(), change); err != nil {
			return nil, err
		}
	}
	l.seen = nil
	return &mutant{Store: store, commit: func(s authenticator.Store, change authenticator.Change) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.off = l.off || l.left == 0; l.off {
			return errors.New("no power")
		}
		l.left--
		l.seen = append(l.seen, change)
		l.keep(l, change)
		return s.Commit(context.Background(), change)
	}}, nil
}

func TestLossyMediaAreCaught(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keep   func(l *lossy, change authenticator.Change)
		caught bool
	}{
		"keeps all": {func(l *lossy, change authenticator.Change) { l.kept = append(l.kept, change) }, false},
		"keeps all but the last": {func(l *lossy, _ authenticator.Change) {
			if n := len(l.seen); n > 1 {
				l.kept = append(l.kept, l.seen[n-2])
			}
		}, true},
		"keeps half of a change": {func(l *lossy, change authenticator.Change) {
			if change.State != nil {
				change.Put = nil
			}
			l.kept = append(l.kept, change)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := judge(t, func(*contract.Recorder) storetest.Medium {
				l := &lossy{left: -1, keep: c.keep}
				return storetest.Medium{Open: l.open, Power: l}
			})
			noticed := contract.Notice(failed, "survives a power cut")
			// Stores that reopen lose data elsewhere in the contract too; what
			// counts here is that the power rule sees it by itself.
			assert.Equal(t, c.caught, noticed, "%q", failed)
		})
	}
}
