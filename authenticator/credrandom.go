package authenticator

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// Sizes in bytes of the secrets of hmac-secret (CTAP 2.3 §12.7).
const (
	credRandomSize  = 32
	credRandomPair  = 2 * credRandomSize // CredRandomWithUV ‖ CredRandomWithoutUV
	credRandomLabel = "passkeylab CredRandom"
)

// credRandom is CredRandomWithUV or CredRandomWithoutUV. The text has every
// credential draw both when it is made. Ours has them as
//
//	HKDF-SHA-256(IKM = PrivateKey, no salt, info = "passkeylab CredRandom", 64 bytes)
//
// which nobody can tell from drawn ones who does not know the key, so that they
// are there for wrapped credentials, whose ID would otherwise be twice as long,
// for those made by U2F, and for a million stored ones without 64 bytes each.
// A credential that was made elsewhere brings its own in Extras.
func (c *Credential) credRandom(verified bool) ([]byte, error) {
	pair := []byte(c.kept().CredRandom)
	if len(pair) == 0 {
		var err error
		if pair, err = hkdf.Key(sha256.New, c.PrivateKey, nil, credRandomLabel, credRandomPair); err != nil {
			return nil, fmt.Errorf("CredRandom: %w", err)
		}
	}
	if len(pair) != credRandomPair {
		return nil, fmt.Errorf("CredRandom of credential %x has %d bytes, want %d", c.ID, len(pair), credRandomPair)
	}
	if verified {
		return pair[:credRandomSize], nil
	}
	return pair[credRandomSize:], nil
}

// HMACSecrets returns CredRandomWithUV and CredRandomWithoutUV, whether they were
// drawn or derived, for an export: whoever has them gives the outputs of
// hmac-secret and prf that relying parties know.
func (c *Credential) HMACSecrets() (withUV, withoutUV Secret, err error) {
	if withUV, err = c.credRandom(true); err != nil {
		return nil, nil, err
	}
	withoutUV, err = c.credRandom(false)
	return withUV, withoutUV, err
}
