package store

import (
	"fmt"
	"time"
)

// KeepSigningKey stores the key that signs tokens, in PKCS #8, unless there is one
// already, and returns the one that is stored.
func (s *Store) KeepSigningKey(pkcs8 []byte, at time.Time) ([]byte, error) {
	if s.sealer != nil {
		var err error
		if pkcs8, err = s.sealer.seal(placeSigningKey, pkcs8); err != nil {
			return nil, err
		}
	}
	if err := s.Update(func(tx *Tx) error {
		_, err := tx.exec(insertSigningKey, pkcs8, at.UnixMilli(), flag(s.sealer != nil))
		return err
	}); err != nil {
		return nil, err
	}
	return s.SigningKey()
}

// SigningKey returns the stored key, or ErrNotFound.
func (s *Store) SigningKey() (pkcs8 []byte, err error) {
	var sealed bool
	if err := s.row(selectSigningKey).Scan(&pkcs8, &sealed); err != nil {
		return nil, s.notFound(fmt.Errorf("store: signing key: %w", err))
	}
	if sealed {
		return s.sealer.open(placeSigningKey, pkcs8)
	}
	return pkcs8, nil
}
