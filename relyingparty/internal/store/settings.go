package store

import (
	"encoding/json"
	"fmt"
)

// Setting returns the JSON value that is stored under a key, or ErrNotFound.
func (s *Store) Setting(key string) (json.RawMessage, error) {
	var value string
	if err := s.row(selectSetting, key).Scan(&value); err != nil {
		return nil, s.notFound(fmt.Errorf("store: setting: %w", err))
	}
	return json.RawMessage(value), nil
}

// SetSetting stores a JSON value under a key, in place of the one that was there; nil
// removes it.
func (s *Store) SetSetting(key string, value json.RawMessage) error {
	return s.Update(func(tx *Tx) error { return tx.SetSetting(key, value) })
}

// SetSetting is [Store.SetSetting] as part of a transaction.
func (t *Tx) SetSetting(key string, value json.RawMessage) error {
	if value == nil {
		_, err := t.exec(deleteSetting, key)
		return err
	}
	if !json.Valid(value) {
		return fmt.Errorf("store: the value of setting %q is no JSON", key)
	}
	_, err := t.exec(upsertSetting, key, string(value))
	return err
}
