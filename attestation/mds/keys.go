package mds

import (
	"crypto"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// derive makes the bytes that belong to a name. Different names give unrelated ones.
func derive(secret []byte, name string, size int) ([]byte, error) {
	out, err := hkdf.Key(sha256.New, secret, nil, "passkeylab metadata service: "+name, size)
	if err != nil {
		return nil, fmt.Errorf("mds: derive %s: %w", name, err)
	}
	return out, nil
}

// newKey makes the key of a name.
func newKey(secret []byte, name string, algorithm webauthn.Algorithm) (crypto.Signer, error) {
	if algorithm != webauthn.ES256 && algorithm != webauthn.RS256 {
		return nil, fmt.Errorf("mds: %s: BLOBs are signed with ES256 or RS256", algorithm)
	}
	key, err := attestation.NewKey(secret, "metadata service: "+name, algorithm)
	if err != nil {
		return nil, fmt.Errorf("mds: %w", err)
	}
	return key.Signer(), nil
}
