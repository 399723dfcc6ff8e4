package webauthn

import (
	"crypto"
	"crypto/ed25519"
	"fmt"

	"github.com/cloudflare/circl/sign/ed448"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Curves of key type OKP (RFC 9053 §7.1).
const (
	curveEd25519 uint64 = 6
	curveEd448   uint64 = 7
)

// okpCurves has EdDSA with one curve only (§5.8.5).
var okpCurves = map[Algorithm]uint64{EdDSA: curveEd25519, Ed25519: curveEd25519, Ed448: curveEd448}

func encodeOKP(alg Algorithm, curve uint64, x []byte) ([]byte, error) {
	if known, ok := okpCurves[alg]; !ok || known != curve {
		return nil, fmt.Errorf("%s does not use curve %d of key type OKP", alg, curve)
	}
	return canon.Marshal(&coseKey{KeyType: keyTypeOKP, Algorithm: alg, Minus1: curve, Minus2: x})
}

func (c *coseKey) okp() (crypto.PublicKey, error) {
	curve, ok := okpCurves[c.Algorithm]
	if !ok || c.Minus1 != curve {
		return nil, fmt.Errorf("%s does not go with curve %v of key type OKP", c.Algorithm, c.Minus1)
	}
	size := ed25519.PublicKeySize
	if curve == curveEd448 {
		size = ed448.PublicKeySize
	}
	if len(c.Minus2) != size {
		return nil, fmt.Errorf("a key of %d bytes, %s has %d", len(c.Minus2), c.Algorithm, size)
	}
	if curve == curveEd448 {
		return ed448.PublicKey(c.Minus2), nil
	}
	return ed25519.PublicKey(c.Minus2), nil
}
