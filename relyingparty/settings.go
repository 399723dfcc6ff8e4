package relyingparty

import (
	"encoding/json"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// settingsInMemory are gone when the site is closed.
type settingsInMemory struct {
	mu     sync.Mutex
	values map[string]json.RawMessage
}

func (s *settingsInMemory) Setting(key string) (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.values[key]
	if !ok {
		return nil, store.ErrNotFound
	}
	return value, nil
}

func (s *settingsInMemory) SetSetting(key string, value json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = value
	return nil
}
