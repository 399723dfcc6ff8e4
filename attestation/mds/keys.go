package mds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"
	"math/rand/v2"

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
	switch algorithm {
	case webauthn.ES256:
		return newP256(secret, name)
	case webauthn.RS256:
		return newRSA(secret, name)
	}
	return nil, fmt.Errorf("mds: %s: BLOBs are signed with ES256 or RS256", algorithm)
}

func newP256(secret []byte, name string) (*ecdsa.PrivateKey, error) {
	scalar, err := derive(secret, name, 32)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil { // one secret in 2³² has no key of this name
		return nil, fmt.Errorf("mds: key %s: %w; take another secret", name, err)
	}
	return key, nil
}

const (
	primeSize   = 128 // bytes: half of a modulus of 2048 bits
	rsaExponent = 65537
	primeTests  = 20 // rounds of Miller-Rabin; a test's key is worth no more
)

// newRSA finds the primes by itself, for crypto/rsa makes no key twice.
func newRSA(secret []byte, name string) (*rsa.PrivateKey, error) {
	start, err := derive(secret, name, 32)
	if err != nil {
		return nil, err
	}
	stream := rand.NewChaCha8([32]byte(start))
	p, q := nextPrime(stream), nextPrime(stream)
	one := big.NewInt(1)
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: rsaExponent},
		D:         new(big.Int).ModInverse(big.NewInt(rsaExponent), order),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("mds: key %s: %w; take another secret", name, err)
	}
	return key, nil
}

// nextPrime draws candidates until one is a prime that goes with the exponent. Its
// two highest bits are set, so that the modulus has all its bits.
func nextPrime(stream *rand.ChaCha8) *big.Int {
	one, e := big.NewInt(1), big.NewInt(rsaExponent)
	candidate := make([]byte, primeSize)
	for {
		_, _ = stream.Read(candidate) // never fails
		candidate[0] |= 0xC0
		candidate[primeSize-1] |= 1
		p := new(big.Int).SetBytes(candidate)
		if new(big.Int).GCD(nil, nil, new(big.Int).Sub(p, one), e).Cmp(one) == 0 && p.ProbablyPrime(primeTests) {
			return p
		}
	}
}
