package authenticator

import (
	"crypto"
	"fmt"

	"github.com/passkeylab/passkeylab/webauthn"
)

// AttestationKey is a key of the maker, which speaks for many devices or, for
// enterprise attestation, for one. It is shared and must not be changed.
type AttestationKey struct {
	Algorithm    webauthn.Algorithm // of Private
	Private      crypto.Signer
	Certificates [][]byte // DER, the key's own first
}

// sign is deterministic, as the signatures of credentials are.
func (k *AttestationKey) sign(message []byte) ([]byte, error) {
	scheme, ok := algorithms[k.Algorithm]
	if !ok {
		return nil, fmt.Errorf("attestation key: %s is not implemented", k.Algorithm)
	}
	return (&key{algorithm: k.Algorithm, hash: scheme.hash, private: k.Private}).sign(message)
}
