package forge

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
	"sync"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/internal/primes"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// Sizes of keys, in bits.
const (
	rsaBits  = 2048
	weakBits = 1024
)

// rsaKeys are made once for each size, from a fixed name.
var rsaKeys = map[int]func() (*rsa.PrivateKey, error){
	rsaBits:  sync.OnceValues(func() (*rsa.PrivateKey, error) { return drawRSA(rsaBits) }),
	weakBits: sync.OnceValues(func() (*rsa.PrivateKey, error) { return drawRSA(weakBits) }),
}

func drawRSA(bits int) (*rsa.PrivateKey, error) {
	random := seed.Stream(uint64(bits), "forge", "RSA")
	halves := [2][]byte{make([]byte, bits/16), make([]byte, bits/16)}
	for _, half := range halves {
		if err := primes.Draw(random, half); err != nil {
			return nil, err
		}
	}
	one, p, q := big.NewInt(1), new(big.Int).SetBytes(halves[0]), new(big.Int).SetBytes(halves[1])
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: primes.Exponent},
		D:         new(big.Int).ModInverse(big.NewInt(primes.Exponent), order), Primes: []*big.Int{p, q},
	}
	key.Precompute()
	return key, nil
}

func withRSA(hash crypto.Hash, pss bool) func(io.Reader) (pair, error) {
	return func(random io.Reader) (pair, error) {
		key, err := rsaKeys[rsaBits]()
		if err != nil {
			return pair{}, err
		}
		raw := func(digest []byte, hash crypto.Hash, pss bool) ([]byte, error) {
			if pss {
				return rsa.SignPSS(random, key, hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
			}
			return rsa.SignPKCS1v15(nil, key, hash, digest)
		}
		return pair{rsaPublic(key), func(message []byte) ([]byte, error) { return raw(digest(hash, message), hash, pss) }, raw}, nil
	}
}

func rsaPublic(key *rsa.PrivateKey) cbor.Map {
	return cbor.Map{{Key: Kty, Value: 3}, {Key: Crv, Value: key.N.Bytes()}, {Key: X, Value: big.NewInt(int64(key.E)).Bytes()}}
}

// WeakRSA is a key pair for RS256 of 1024 bits.
func WeakRSA() (*Key, error) {
	key, err := rsaKeys[weakBits]()
	if err != nil {
		return nil, fmt.Errorf("forge: a weak key: %w", err)
	}
	return &Key{Algorithm: RS256, Public: rsaPublic(key).With(Alg, RS256), Sign: func(message []byte) []byte {
		sum := sha256.Sum256(message)
		return pkcs1(key, sum[:])
	}}, nil
}

// pkcs1 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1), for keys that crypto/rsa
// may one day be too good for.
func pkcs1(key *rsa.PrivateKey, sum []byte) []byte {
	prefix := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	size := (key.N.BitLen() + 7) / 8
	block := make([]byte, size)
	block[1] = 1
	tail := append(prefix, sum...)
	for i := 2; i < size-len(tail)-1; i++ {
		block[i] = 0xff
	}
	copy(block[size-len(tail):], tail)
	return new(big.Int).Exp(new(big.Int).SetBytes(block), key.D, key.N).FillBytes(make([]byte, size))
}
