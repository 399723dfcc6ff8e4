package store

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// SealerKeySize is the size of a Sealer's key, in bytes.
const SealerKeySize = 32

// Sealer encrypts the secrets that have to be read again, by AES-256-GCM under a key that
// the database has not. Each is bound to its place: one that was copied elsewhere does not
// open.
type Sealer struct {
	aead   cipher.AEAD
	random io.Reader
}

// NewSealer makes a Sealer of a key and of a source of nonces, which may be read
// concurrently.
func NewSealer(key []byte, random io.Reader) (*Sealer, error) {
	if len(key) != SealerKeySize {
		return nil, fmt.Errorf("store: the data key has %d bytes in place of %d", len(key), SealerKeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("store: data key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return &Sealer{aead, random}, err
}

// seal encrypts a secret for a place: the nonce, and then the ciphertext with its tag.
func (s *Sealer) seal(place string, secret []byte) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(secret)+s.aead.Overhead())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, fmt.Errorf("store: draw a nonce: %w", err)
	}
	return s.aead.Seal(nonce, nonce, secret, []byte(place)), nil
}

// open is the opposite of seal. A nil Sealer opens nothing.
func (s *Sealer) open(place string, sealed []byte) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("store: the secret %s is encrypted, and there is no data key", place)
	}
	if len(sealed) < s.aead.NonceSize() {
		return nil, fmt.Errorf("store: the secret %s is damaged", place)
	}
	n := s.aead.NonceSize()
	secret, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(place))
	if err != nil {
		return nil, fmt.Errorf("store: the secret %s does not open: %w", place, err)
	}
	return secret, nil
}

// ErrDataKey says that a database was made with a data key, which is another one or
// missing.
var ErrDataKey = errors.New("store: it is another data key that the secrets are encrypted under")

// Places of what is sealed.
const (
	placeProof      = "proof"
	placeSigningKey = "signing key"
)

func placeOf(authenticatorID string) string { return "authenticator " + authenticatorID }

// unlock holds the data key to the one that the database was made with. The first time
// that there is one, it encrypts what is there, and says so.
func (s *Store) unlock() (sealed bool, err error) {
	err = s.Update(func(tx *Tx) error {
		var proof []byte
		switch err := tx.row(selectDataKeyProof).Scan(&proof); {
		case err == nil && s.sealer == nil:
			return ErrDataKey
		case err == nil:
			if _, err := s.sealer.open(placeProof, proof); err != nil {
				return fmt.Errorf("%w: %w", ErrDataKey, err)
			}
			return nil
		case !isNoRow(err):
			return fmt.Errorf("store: data key: %w", err)
		case s.sealer == nil:
			return nil
		}
		sealed = true
		return tx.sealAll()
	})
	return sealed, err
}

// sealAll encrypts what was stored before there was a data key.
func (t *Tx) sealAll() error {
	proof, err := t.store.sealer.seal(placeProof, nil)
	if err != nil {
		return err
	}
	if _, err := t.exec(insertDataKeyProof, proof); err != nil {
		return err
	}
	plain, err := t.plainSecrets()
	if err != nil {
		return err
	}
	for id, secret := range plain {
		sealed, err := t.store.sealer.seal(placeOf(id), secret)
		if err != nil {
			return err
		}
		if err := t.execOne(updateAuthenticatorSealed, sealed, id); err != nil {
			return err
		}
	}
	return t.sealSigningKeys()
}

// plainSecrets are the keys of authenticator apps, by the factors' IDs.
func (t *Tx) plainSecrets() (map[string][]byte, error) {
	rows, err := t.tx.Stmt(t.store.writer.prepared[selectPlainAuthenticators]).Query(string(AuthenticatorOTP))
	if err != nil {
		return nil, fmt.Errorf("store: find secrets: %w", err)
	}
	defer rows.Close()
	plain := map[string][]byte{}
	for rows.Next() {
		var id string
		var secret []byte
		if err := rows.Scan(&id, &secret); err != nil {
			return nil, fmt.Errorf("store: find secrets: %w", err)
		}
		plain[id] = secret
	}
	return plain, rows.Err()
}

// sealSigningKeys encrypts the signing key that there is, if any.
func (t *Tx) sealSigningKeys() error {
	var pkcs8 []byte
	var sealed bool
	switch err := t.row(selectSigningKey).Scan(&pkcs8, &sealed); {
	case isNoRow(err) || err == nil && sealed:
		return nil
	case err != nil:
		return fmt.Errorf("store: signing key: %w", err)
	}
	pkcs8, err := t.store.sealer.seal(placeSigningKey, pkcs8)
	if err != nil {
		return err
	}
	return t.execOne(updateSigningKeySealed, pkcs8)
}
