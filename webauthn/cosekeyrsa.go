package webauthn

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Bounds of RSA keys in bytes. RFC 8812 §2 and RFC 8230 §6.1 demand 2048 bits;
// the upper ones keep verification affordable.
const (
	minModulus  = 256
	maxModulus  = 1024
	maxExponent = 4
)

func encodeRSA(alg Algorithm, k *rsa.PublicKey) ([]byte, error) {
	if alg != RS256 && alg != PS256 {
		return nil, fmt.Errorf("%s does not use RSA", alg)
	}
	e := big.NewInt(int64(k.E)).Bytes()
	return canon.Marshal(&coseKey{KeyType: keyTypeRSA, Algorithm: alg, Minus1: k.N.Bytes(), Minus2: e})
}

func (c *coseKey) rsa() (crypto.PublicKey, error) {
	n, ok := c.Minus1.([]byte)
	if (c.Algorithm != RS256 && c.Algorithm != PS256) || !ok {
		return nil, fmt.Errorf("key type RSA needs RS256 or PS256 and a modulus")
	}
	if len(n) < minModulus || len(n) > maxModulus || len(c.Minus2) == 0 || len(c.Minus2) > maxExponent {
		return nil, fmt.Errorf("RSA modulus of %d bytes and exponent of %d, want %d to %d and 1 to %d", len(n), len(c.Minus2), minModulus, maxModulus, maxExponent)
	}
	modulus, e := new(big.Int).SetBytes(n), new(big.Int).SetBytes(c.Minus2).Int64()
	if modulus.Bit(0) == 0 || e < 3 || e%2 == 0 || e > 1<<31-1 {
		return nil, fmt.Errorf("an RSA modulus is odd, its exponent odd and within 3 to 2^31-1")
	}
	return &rsa.PublicKey{N: modulus, E: int(e)}, nil
}
