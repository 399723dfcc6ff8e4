package authenticator

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
)

// MemoryStore is a [Store] that forgets everything with the process.
type MemoryStore struct {
	mu   sync.RWMutex
	held Held
	byID map[string]*Credential
	byRP map[string][]*Credential // oldest first; a slice handed out is never changed, only extended
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	s := new(MemoryStore)
	s.wipe()
	return s
}

// Load implements [Store].
func (s *MemoryStore) Load(context.Context) (Held, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.held, nil
}

// Find implements [Store].
func (s *MemoryStore) Find(_ context.Context, q Query) ([]*Credential, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case q.ID != nil:
		if c, ok := s.byID[string(q.ID)]; ok {
			return []*Credential{c}, nil
		}
		return nil, nil
	case q.RPID != "":
		return slices.Clip(s.byRP[q.RPID]), nil
	}
	all := slices.Collect(maps.Values(s.byID))
	slices.SortFunc(all, func(a, b *Credential) int {
		return cmp.Or(strings.Compare(a.RPID, b.RPID), inOrder(a, b))
	})
	return all, nil
}

// Commit implements [Store].
func (s *MemoryStore) Commit(_ context.Context, change Change) error {
	if err := change.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apply(change)
	return nil
}

// apply makes a checked change. It cannot fail, so that a store which writes
// the change elsewhere first can rely on it.
func (s *MemoryStore) apply(change Change) {
	if change.Wipe {
		s.wipe()
	}
	for _, id := range change.Delete {
		s.remove(string(id))
	}
	for _, c := range change.Put {
		s.put(c)
	}
	if change.State != nil {
		s.held.State = *change.State
	}
	if change.Settings != nil {
		s.held.Settings = *change.Settings
	}
	if change.LargeBlobs != nil {
		s.held.LargeBlobs = change.LargeBlobs
	}
}

func (s *MemoryStore) wipe() {
	s.held = Held{}
	s.byID, s.byRP = make(map[string]*Credential), make(map[string][]*Credential)
}

func (s *MemoryStore) remove(id string) {
	c, ok := s.byID[id]
	if !ok {
		return
	}
	delete(s.byID, id)
	if c.Discoverable {
		s.held.Discoverable--
	}
	kept := make([]*Credential, 0, len(s.byRP[c.RPID])-1)
	for _, other := range s.byRP[c.RPID] {
		if other != c {
			kept = append(kept, other)
		}
	}
	if s.byRP[c.RPID] = kept; len(kept) == 0 {
		delete(s.byRP, c.RPID)
	}
}

func (s *MemoryStore) put(c *Credential) {
	s.remove(string(c.ID))
	s.byID[string(c.ID)] = c
	if c.Discoverable {
		s.held.Discoverable++
	}
	siblings := s.byRP[c.RPID]
	if n := len(siblings); n == 0 || inOrder(siblings[n-1], c) <= 0 {
		s.byRP[c.RPID] = append(siblings, c)
		return
	}
	at, _ := slices.BinarySearchFunc(siblings, c, inOrder)
	s.byRP[c.RPID] = slices.Insert(slices.Clone(siblings), at, c)
}

// inOrder compares by creation; IDs settle what two devices numbered alike.
func inOrder(a, b *Credential) int {
	return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), slices.Compare(a.ID, b.ID))
}
