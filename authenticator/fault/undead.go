package fault

import (
	"context"
	"sync"

	"github.com/passkeylab/passkeylab/authenticator"
)

// undead is a store in which credentials are only hidden when they are deleted.
type undead struct {
	authenticator.Store
	grave *grave
}

type grave struct {
	mu     sync.Mutex
	buried map[string]bool // IDs
}

func (s undead) Commit(ctx context.Context, change authenticator.Change) error {
	if change.Wipe { // nothing is left to come back
		s.grave.mu.Lock()
		clear(s.grave.buried)
		s.grave.mu.Unlock()
	}
	if !change.Wipe && len(change.Put) == 0 {
		s.grave.mu.Lock()
		for _, id := range change.Delete {
			s.grave.buried[string(id)] = true
		}
		s.grave.mu.Unlock()
		change.Delete = nil
	}
	return s.Store.Commit(ctx, change)
}

func (s undead) Find(ctx context.Context, q authenticator.Query) (seen []*authenticator.Credential, err error) {
	found, err := s.Store.Find(ctx, q)
	s.grave.mu.Lock()
	defer s.grave.mu.Unlock()
	for _, c := range found {
		if !s.grave.buried[string(c.ID)] {
			seen = append(seen, c)
		}
	}
	return seen, err
}

func (s undead) Load(ctx context.Context) (authenticator.Held, error) {
	held, err := s.Store.Load(ctx)
	s.grave.mu.Lock()
	held.Discoverable = max(0, held.Discoverable-len(s.grave.buried))
	s.grave.mu.Unlock()
	return held, err
}

func resurrectsDeleted() Fault {
	g := &grave{buried: map[string]bool{}}
	return Fault{
		ID: "store/resurrects-deleted", Spec: "CTAP 2.3 §6.8.5 steps 8 and 9",
		Doc: "A passkey that was deleted is there again after the power was off.",
		Seams: authenticator.Seams{
			Env: func(e authenticator.Env) authenticator.Env {
				e.Store = undead{e.Store, g}
				return e
			},
			PowerCycled: func() {
				g.mu.Lock()
				defer g.mu.Unlock()
				clear(g.buried)
			},
		},
	}
}
