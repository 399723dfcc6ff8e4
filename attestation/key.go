package attestation

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rsa"
	_ "crypto/sha1" // RS1, which TPMs attest with
	"crypto/sha256"
	_ "crypto/sha512" // ES384 and ES512
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/passkeylab/passkeylab/internal/primes"
	"github.com/passkeylab/passkeylab/webauthn"
)

var errNoCredential = errors.New("the authenticator data has no attested credential data")

// Key is a key of a maker or of an authority: a test key, made of a lab's secret.
type Key struct {
	Algorithm webauthn.Algorithm
	signer    crypto.Signer
}

// algorithms are those that attestation keys have.
var algorithms = map[webauthn.Algorithm]struct {
	hash  crypto.Hash
	curve elliptic.Curve // nil for other kinds of keys
}{
	webauthn.ES256: {crypto.SHA256, elliptic.P256()},
	webauthn.ES384: {crypto.SHA384, elliptic.P384()},
	webauthn.ES512: {crypto.SHA512, elliptic.P521()},
	webauthn.RS256: {crypto.SHA256, nil},
	webauthn.RS1:   {crypto.SHA1, nil},
	webauthn.EdDSA: {0, nil},
}

// NewKey makes the key of an algorithm that belongs to a secret and a name. Equal
// arguments give equal keys. An RSA key has 2048 bits and takes a while.
func NewKey(secret []byte, name string, algorithm webauthn.Algorithm) (*Key, error) {
	known, ok := algorithms[algorithm]
	if !ok {
		return nil, fmt.Errorf("attestation: keys for %s are not made here: take one of %v", algorithm, slices.SortedFunc(maps.Keys(algorithms), func(a, b webauthn.Algorithm) int { return cmp.Compare(b, a) }))
	}
	signer, err := draw(secret, name+" "+algorithm.String(), known.curve, algorithm == webauthn.EdDSA)
	if err != nil {
		return nil, fmt.Errorf("attestation: key %q: %w", name, err)
	}
	return &Key{Algorithm: algorithm, signer: signer}, nil
}

func draw(secret []byte, name string, curve elliptic.Curve, edwards bool) (crypto.Signer, error) {
	seed, err := hkdf.Key(sha256.New, secret, nil, "passkeylab attestation "+name, 32)
	if err != nil {
		return nil, err
	}
	switch {
	case curve != nil:
		return drawECDSA(seed, curve)
	case edwards:
		return ed25519.NewKeyFromSeed(seed), nil
	}
	return drawRSA(seed)
}

// drawECDSA draws scalars until one is below the curve's order.
func drawECDSA(seed []byte, curve elliptic.Curve) (*ecdsa.PrivateKey, error) {
	stream := rand.NewChaCha8([32]byte(seed))
	scalar := make([]byte, (curve.Params().BitSize+7)/8)
	for {
		_, _ = stream.Read(scalar) // which never fails
		scalar[0] &= byte(1<<((curve.Params().BitSize-1)%8+1) - 1)
		if n := new(big.Int).SetBytes(scalar); n.Sign() > 0 && n.Cmp(curve.Params().N) < 0 {
			return ecdsa.ParseRawPrivateKey(curve, scalar)
		}
	}
}

const rsaPrimeSize = 128 // bytes, for keys of 2048 bits

func drawRSA(seed []byte) (*rsa.PrivateKey, error) {
	stream := rand.NewChaCha8([32]byte(seed))
	halves := make([]byte, 2*rsaPrimeSize)
	for _, half := range [][]byte{halves[:rsaPrimeSize], halves[rsaPrimeSize:]} {
		if err := primes.Draw(stream, half); err != nil {
			return nil, err
		}
	}
	one := big.NewInt(1)
	p, q := new(big.Int).SetBytes(halves[:rsaPrimeSize]), new(big.Int).SetBytes(halves[rsaPrimeSize:])
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: primes.Exponent},
		D:         new(big.Int).ModInverse(big.NewInt(primes.Exponent), order), Primes: []*big.Int{p, q},
	}
	k.Precompute()
	return k, k.Validate()
}

// other is a key of the same algorithm that has nothing else to do with this one.
func (k *Key) other() *Key {
	public, err := spki(k.Public())
	if err != nil {
		return k // which no key of this package is
	}
	other, err := NewKey(public, "another", k.Algorithm)
	if err != nil {
		return k // likewise
	}
	return other
}

// Public is the public half.
func (k *Key) Public() crypto.PublicKey { return k.signer.Public() }

// Signer is the key for what lays out by itself what it signs, such as certificates.
func (k *Key) Signer() crypto.Signer { return k.signer }

// Sign signs a message. The same message gives the same signature (RFC 6979 for
// ECDSA).
func (k *Key) Sign(message []byte) ([]byte, error) {
	hash := algorithms[k.Algorithm].hash
	digest := message
	if hash != 0 {
		h := hash.New()
		h.Write(message)
		digest = h.Sum(nil)
	}
	return k.signer.Sign(nil, digest, hash)
}

// spki is the public key as SubjectPublicKeyInfo.
func spki(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	return bytes.Clone(der), nil
}
