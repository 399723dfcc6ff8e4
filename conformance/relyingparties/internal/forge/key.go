package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha1" // RS1
	"crypto/sha256"
	_ "crypto/sha512" // ES384 and others
	"fmt"
	"io"
	"math/big"
	"sync"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	k1 "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/internal/primes"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// COSE algorithms (IANA COSE Algorithms) that the forge has keys for.
const (
	ES256   = -7
	EdDSA   = -8
	ESP256  = -9
	Ed25519 = -19
	ES384   = -35
	ES512   = -36
	PS256   = -37
	PS384   = -38
	PS512   = -39
	ES256K  = -47
	MLDSA44 = -48
	MLDSA65 = -49
	MLDSA87 = -50
	ESP384  = -51
	ESP512  = -52
	Ed448   = -53
	RS256   = -257
	RS384   = -258
	RS512   = -259
	RS1     = -65535
)

// Labels of COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4, RFC 9964 §3).
const (
	Kty = 1
	Kid = 2
	Alg = 3
	Ops = 4
	Crv = -1 // of AKP and RSA: the public key, the modulus
	X   = -2 // of RSA: the exponent
	Y   = -3
	D   = -4
)

// Key is a credential key pair.
type Key struct {
	Algorithm int
	Public    cbor.Map // COSE_Key
	Sign      func(message []byte) []byte
}

// algorithm is how keys of one are made.
type algorithm struct {
	name string
	make func(random io.Reader) (public cbor.Map, sign func([]byte) ([]byte, error), err error)
}

var algorithms = map[int]algorithm{
	ES256: {"ES256", onCurve(elliptic.P256(), 1, crypto.SHA256)}, ESP256: {"ESP256", onCurve(elliptic.P256(), 1, crypto.SHA256)},
	ES384: {"ES384", onCurve(elliptic.P384(), 2, crypto.SHA384)}, ESP384: {"ESP384", onCurve(elliptic.P384(), 2, crypto.SHA384)},
	ES512: {"ES512", onCurve(elliptic.P521(), 3, crypto.SHA512)}, ESP512: {"ESP512", onCurve(elliptic.P521(), 3, crypto.SHA512)},
	ES256K: {"ES256K", makeES256K}, EdDSA: {"EdDSA", makeEd25519}, Ed25519: {"Ed25519", makeEd25519}, Ed448: {"Ed448", makeEd448},
	RS256: {"RS256", withRSA(crypto.SHA256, false)}, RS384: {"RS384", withRSA(crypto.SHA384, false)}, RS512: {"RS512", withRSA(crypto.SHA512, false)},
	PS256: {"PS256", withRSA(crypto.SHA256, true)}, PS384: {"PS384", withRSA(crypto.SHA384, true)}, PS512: {"PS512", withRSA(crypto.SHA512, true)},
	RS1:     {"RS1", withRSA(crypto.SHA1, false)},
	MLDSA44: {"ML-DSA-44", withMLDSA(mldsa.MLDSA44())}, MLDSA65: {"ML-DSA-65", withMLDSA(mldsa.MLDSA65())}, MLDSA87: {"ML-DSA-87", withMLDSA(mldsa.MLDSA87())},
}

// AlgorithmName is the IANA name of an algorithm, or its number.
func AlgorithmName(alg int) string {
	if a, ok := algorithms[alg]; ok {
		return a.name
	}
	return fmt.Sprintf("algorithm %d", alg)
}

// Makes reports whether the forge has keys for an algorithm.
func Makes(alg int) bool { _, ok := algorithms[alg]; return ok }

// NewKey makes a key pair. Keys of RSA all have the same modulus, because they take
// long to make.
func NewKey(random io.Reader, alg int) (*Key, error) {
	a, ok := algorithms[alg]
	if !ok {
		return nil, fmt.Errorf("forge: there are no keys for algorithm %d", alg)
	}
	public, sign, err := a.make(random)
	if err != nil {
		return nil, fmt.Errorf("forge: a key for %s: %w", a.name, err)
	}
	return &Key{Algorithm: alg, Public: public.With(Alg, alg), Sign: func(message []byte) []byte {
		signature, err := sign(message)
		if err != nil {
			panic(fmt.Sprintf("forge: signing by %s: %v", a.name, err)) // of keys that were just made
		}
		return signature
	}}, nil
}

func digest(h crypto.Hash, message []byte) []byte {
	sum := h.New()
	sum.Write(message)
	return sum.Sum(nil)
}

func onCurve(curve elliptic.Curve, number int, hash crypto.Hash) func(io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
	return func(random io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
		size := (curve.Params().BitSize + 7) / 8
		scalar := make([]byte, size)
		for {
			if _, err := io.ReadFull(random, scalar); err != nil {
				return nil, nil, err
			}
			scalar[0] &= byte(1<<((curve.Params().BitSize-1)%8+1) - 1)
			if n := new(big.Int).SetBytes(scalar); n.Sign() > 0 && n.Cmp(curve.Params().N) < 0 {
				break
			}
		}
		key, err := ecdsa.ParseRawPrivateKey(curve, scalar)
		if err != nil {
			return nil, nil, err
		}
		point, err := key.PublicKey.Bytes()
		if err != nil {
			return nil, nil, err
		}
		return ec2(number, point), func(message []byte) ([]byte, error) { return key.Sign(nil, digest(hash, message), hash) }, nil
	}
}

// ec2 is a point that is not compressed (SEC 1 §2.3.3), as WebAuthn L3 §5.8.5 wants it.
func ec2(curve int, point []byte) cbor.Map {
	half := 1 + len(point)/2
	return cbor.Map{{Key: Kty, Value: 2}, {Key: Crv, Value: curve}, {Key: X, Value: point[1:half]}, {Key: Y, Value: point[half:]}}
}

func okp(curve int, x []byte) cbor.Map {
	return cbor.Map{{Key: Kty, Value: 1}, {Key: Crv, Value: curve}, {Key: X, Value: x}}
}

func makeES256K(random io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
	var raw [secp256k1.PrivKeyBytesLen]byte
	var scalar secp256k1.ModNScalar
	for {
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return nil, nil, err
		}
		if overflow := scalar.SetBytes(&raw); overflow == 0 && !scalar.IsZero() {
			break
		}
	}
	key := secp256k1.NewPrivateKey(&scalar)
	return ec2(8, key.PubKey().SerializeUncompressed()), func(message []byte) ([]byte, error) {
		return k1.Sign(key, digest(crypto.SHA256, message)).Serialize(), nil
	}, nil
}

func makeEd25519(random io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
	raw := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, nil, err
	}
	key := ed25519.NewKeyFromSeed(raw)
	return okp(6, key[ed25519.SeedSize:]), func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }, nil
}

func makeEd448(random io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
	raw := make([]byte, ed448.SeedSize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, nil, err
	}
	key := ed448.NewKeyFromSeed(raw)
	return okp(7, key[ed448.SeedSize:]), func(message []byte) ([]byte, error) { return ed448.Sign(key, message, ""), nil }, nil
}

// rsaKeys are made once for each size, from a fixed name.
var rsaKeys = map[int]func() (*rsa.PrivateKey, error){
	2048: sync.OnceValues(func() (*rsa.PrivateKey, error) { return drawRSA(2048) }),
	1024: sync.OnceValues(func() (*rsa.PrivateKey, error) { return drawRSA(1024) }),
}

func drawRSA(bits int) (*rsa.PrivateKey, error) {
	random := seed.Stream(uint64(bits), "forge", "RSA")
	p, q := make([]byte, bits/16), make([]byte, bits/16)
	if err := primes.Draw(random, p); err != nil {
		return nil, err
	}
	if err := primes.Draw(random, q); err != nil {
		return nil, err
	}
	one, a, b := big.NewInt(1), new(big.Int).SetBytes(p), new(big.Int).SetBytes(q)
	order := new(big.Int).Mul(new(big.Int).Sub(a, one), new(big.Int).Sub(b, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(a, b), E: primes.Exponent},
		D:         new(big.Int).ModInverse(big.NewInt(primes.Exponent), order), Primes: []*big.Int{a, b},
	}
	key.Precompute()
	return key, nil
}

func withRSA(hash crypto.Hash, pss bool) func(io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
	return func(random io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
		key, err := rsaKeys[2048]()
		if err != nil {
			return nil, nil, err
		}
		return rsaPublic(key), func(message []byte) ([]byte, error) {
			if pss {
				return rsa.SignPSS(random, key, hash, digest(hash, message), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
			}
			return rsa.SignPKCS1v15(nil, key, hash, digest(hash, message))
		}, nil
	}
}

func rsaPublic(key *rsa.PrivateKey) cbor.Map {
	return cbor.Map{{Key: Kty, Value: 3}, {Key: Crv, Value: key.N.Bytes()}, {Key: X, Value: big.NewInt(int64(key.E)).Bytes()}}
}

// WeakRSA is a key pair for RS256 of 1024 bits.
func WeakRSA() (*Key, error) {
	key, err := rsaKeys[1024]()
	if err != nil {
		return nil, fmt.Errorf("forge: a weak key: %w", err)
	}
	return &Key{Algorithm: RS256, Public: rsaPublic(key).With(Alg, RS256), Sign: func(message []byte) []byte {
		sum := sha256.Sum256(message)
		// With nothing random in it, what rsa.SignPKCS1v15 makes can be computed for keys
		// that it would not take any more.
		return rawPKCS1(key, sum[:])
	}}, nil
}

// rawPKCS1 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1).
func rawPKCS1(key *rsa.PrivateKey, sum []byte) []byte {
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

func withMLDSA(parameters mldsa.Parameters) func(io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
	return func(random io.Reader) (cbor.Map, func([]byte) ([]byte, error), error) {
		raw := make([]byte, mldsa.PrivateKeySize)
		if _, err := io.ReadFull(random, raw); err != nil {
			return nil, nil, err
		}
		key, err := mldsa.NewPrivateKey(parameters, raw)
		if err != nil {
			return nil, nil, err
		}
		return cbor.Map{{Key: Kty, Value: 7}, {Key: Crv, Value: key.PublicKey().Bytes()}}, func(message []byte) ([]byte, error) {
			return key.SignDeterministic(message, nil)
		}, nil
	}
}
