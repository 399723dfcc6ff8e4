package forge

import (
	"crypto"
	"fmt"
	"slices"
)

// Algorithms are those that the forge has keys for, the most usual first.
func Algorithms() []int {
	return slices.Clone(usual)
}

var usual = []int{
	ES256, EdDSA, RS256, ES384, ES512, ES256K, PS256, PS384, PS512, RS384, RS512, RS1,
	MLDSA44, MLDSA65, MLDSA87, ESP256, ESP384, ESP512, Ed25519, Ed448,
}

// hashes are those of algorithms that have one.
var hashes = map[int]crypto.Hash{
	ES256: crypto.SHA256, ES384: crypto.SHA384, ES512: crypto.SHA512,
	RS1: crypto.SHA1, RS256: crypto.SHA256, RS384: crypto.SHA384, RS512: crypto.SHA512, PS256: crypto.SHA256,
}

// SignAs signs with the key as if it were for another algorithm of the same kind of
// key.
func SignAs(key *Key, alg int) (func(message []byte) []byte, error) {
	hash, known := hashes[alg]
	if key.raw == nil || !known {
		return nil, fmt.Errorf("forge: %s does not sign as %s", AlgorithmName(key.Algorithm), AlgorithmName(alg))
	}
	return func(message []byte) []byte { return key.raw(digest(hash, message), hash, alg == PS256) }, nil
}
