package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	_ "crypto/sha1"   // RS1
	_ "crypto/sha512" // ES384 and others
	"fmt"
	"io"
	"math/big"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	k1 "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
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

	// raw signs a digest, of ECDSA and RSA alone.
	raw func(digest []byte, hash crypto.Hash, pss bool) []byte
}

// pair is a key pair of some kind.
type pair struct {
	public cbor.Map
	sign   func(message []byte) ([]byte, error)
	raw    func(digest []byte, hash crypto.Hash, pss bool) ([]byte, error) // nil where there is no digest
}

// algorithm is how keys of one are made.
type algorithm struct {
	name string
	make func(random io.Reader) (pair, error)
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
	made, err := a.make(random)
	if err != nil {
		return nil, fmt.Errorf("forge: a key for %s: %w", a.name, err)
	}
	key := &Key{Algorithm: alg, Public: made.public.With(Alg, alg), Sign: func(message []byte) []byte {
		signature, err := made.sign(message)
		return certain(a.name, signature, err)
	}}
	if made.raw != nil {
		key.raw = func(digest []byte, hash crypto.Hash, pss bool) []byte {
			signature, err := made.raw(digest, hash, pss)
			return certain(a.name, signature, err)
		}
	}
	return key, nil
}

// certain is a signature of a key that was just made, which there always is.
func certain(name string, signature []byte, err error) []byte {
	if err != nil {
		panic(fmt.Sprintf("forge: signing by %s: %v", name, err))
	}
	return signature
}

func digest(h crypto.Hash, message []byte) []byte {
	sum := h.New()
	sum.Write(message)
	return sum.Sum(nil)
}

func onCurve(curve elliptic.Curve, number int, hash crypto.Hash) func(io.Reader) (pair, error) {
	return func(random io.Reader) (pair, error) {
		scalar, err := drawScalar(random, curve)
		if err != nil {
			return pair{}, err
		}
		key, err := ecdsa.ParseRawPrivateKey(curve, scalar)
		if err != nil {
			return pair{}, err
		}
		point, err := key.PublicKey.Bytes()
		raw := func(digest []byte, hash crypto.Hash, _ bool) ([]byte, error) { return key.Sign(nil, digest, hash) }
		return pair{ec2(number, point), func(message []byte) ([]byte, error) { return raw(digest(hash, message), hash, false) }, raw}, err
	}
}

// drawScalar draws until there is one below the order of the curve.
func drawScalar(random io.Reader, curve elliptic.Curve) ([]byte, error) {
	scalar := make([]byte, (curve.Params().BitSize+7)/8)
	for {
		if _, err := io.ReadFull(random, scalar); err != nil {
			return nil, err
		}
		scalar[0] &= byte(1<<((curve.Params().BitSize-1)%8+1) - 1)
		if n := new(big.Int).SetBytes(scalar); n.Sign() > 0 && n.Cmp(curve.Params().N) < 0 {
			return scalar, nil
		}
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

func makeES256K(random io.Reader) (pair, error) {
	var drawn [secp256k1.PrivKeyBytesLen]byte
	var scalar secp256k1.ModNScalar
	for {
		if _, err := io.ReadFull(random, drawn[:]); err != nil {
			return pair{}, err
		}
		if overflow := scalar.SetBytes(&drawn); overflow == 0 && !scalar.IsZero() {
			break
		}
	}
	key := secp256k1.NewPrivateKey(&scalar)
	raw := func(digest []byte, _ crypto.Hash, _ bool) ([]byte, error) {
		return k1.Sign(key, digest).Serialize(), nil
	}
	return pair{ec2(8, key.PubKey().SerializeUncompressed()), func(message []byte) ([]byte, error) {
		return raw(digest(crypto.SHA256, message), crypto.SHA256, false)
	}, raw}, nil
}

func makeEd25519(random io.Reader) (pair, error) {
	drawn := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return pair{}, err
	}
	key := ed25519.NewKeyFromSeed(drawn)
	return pair{okp(6, key[ed25519.SeedSize:]), func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }, nil}, nil
}

func makeEd448(random io.Reader) (pair, error) {
	drawn := make([]byte, ed448.SeedSize)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return pair{}, err
	}
	key := ed448.NewKeyFromSeed(drawn)
	return pair{okp(7, key[ed448.SeedSize:]), func(message []byte) ([]byte, error) { return ed448.Sign(key, message, ""), nil }, nil}, nil
}

func withMLDSA(parameters mldsa.Parameters) func(io.Reader) (pair, error) {
	return func(random io.Reader) (pair, error) {
		drawn := make([]byte, mldsa.PrivateKeySize)
		if _, err := io.ReadFull(random, drawn); err != nil {
			return pair{}, err
		}
		key, err := mldsa.NewPrivateKey(parameters, drawn)
		if err != nil {
			return pair{}, err
		}
		return pair{cbor.Map{{Key: Kty, Value: 7}, {Key: Crv, Value: key.PublicKey().Bytes()}}, func(message []byte) ([]byte, error) {
			return key.SignDeterministic(message, nil)
		}, nil}, nil
	}
}
