package authenticators

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// COSE algorithms (RFC 9053, RFC 8812, RFC 9864) that the judge can verify.
const (
	algES256  = -7
	algEdDSA  = -8
	algES384  = -35
	algES512  = -36
	algES256K = -47
	algRS256  = -257
)

// Labels and values of COSE_Key (RFC 9052 §7, RFC 9053 §7).
const (
	coseKty = 1
	coseAlg = 3
	coseCrv = -1
	coseX   = -2
	coseY   = -3

	ktyOKP = 1
	ktyEC2 = 2
	ktyRSA = 3
)

// curve is what an ECDSA algorithm demands of its keys (WebAuthn L3 §5.8.5).
type curve struct {
	number int64
	curve  elliptic.Curve
	hash   func([]byte) []byte
}

func sha256Of(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
func sha384Of(b []byte) []byte { s := sha512.Sum384(b); return s[:] }
func sha512Of(b []byte) []byte { s := sha512.Sum512(b); return s[:] }

var curves = map[int64]curve{
	algES256: {1, elliptic.P256(), sha256Of},
	algES384: {2, elliptic.P384(), sha384Of},
	algES512: {3, elliptic.P521(), sha512Of},
}

// errUnknownAlgorithm says that the judge cannot verify signatures of a key.
var errUnknownAlgorithm = errors.New("the judge does not know the algorithm")

// publicKey verifies signatures of a credential.
type publicKey struct {
	alg    int64
	verify func(message, signature []byte) bool
}

// readPublicKey reads a COSE_Key, and holds it to what its algorithm demands: the
// members of the key type and no others (WebAuthn L3 §6.5.1).
func readPublicKey(item cbor.Item) (publicKey, error) {
	m, ok := item.Value.(cbor.Map)
	if !ok {
		return publicKey{}, fmt.Errorf("a %s, not a map", cbor.Kind(item.Value))
	}
	alg, ok := intOf(m, coseAlg)
	if !ok {
		return publicKey{}, errors.New("no alg (3)")
	}
	kty, ok := intOf(m, coseKty)
	if !ok {
		return publicKey{}, errors.New("no kty (1)")
	}
	key := publicKey{alg: alg}
	var err error
	switch {
	case alg == algEdDSA:
		err = key.readOKP(m, kty)
	case alg == algRS256:
		err = key.readRSA(m, kty)
	default:
		known, ok := curves[alg]
		if !ok {
			return key, errUnknownAlgorithm
		}
		err = key.readEC2(m, kty, known)
	}
	return key, err
}

func intOf(m cbor.Map, label int) (int64, bool) {
	v, _ := m.Get(label)
	n, ok := v.(int64)
	return n, ok
}

func bytesIn(m cbor.Map, label int) []byte {
	v, _ := m.Get(label)
	b, _ := v.([]byte)
	return b
}

func exactly(m cbor.Map, labels ...int) error {
	for _, label := range labels {
		if !m.Has(label) {
			return fmt.Errorf("member %d is missing", label)
		}
	}
	if len(m) != len(labels) {
		return fmt.Errorf("%d members, of which the key type has %d", len(m), len(labels))
	}
	return nil
}

func (k *publicKey) readEC2(m cbor.Map, kty int64, c curve) error {
	if err := exactly(m, coseKty, coseAlg, coseCrv, coseX, coseY); err != nil {
		return err
	}
	size := (c.curve.Params().BitSize + 7) / 8
	crv, _ := intOf(m, coseCrv)
	x, y := bytesIn(m, coseX), bytesIn(m, coseY)
	switch {
	case kty != ktyEC2:
		return fmt.Errorf("kty %d, want 2 (EC2)", kty)
	case crv != c.number:
		return fmt.Errorf("crv %d, want %d", crv, c.number)
	case len(x) != size || len(y) != size:
		return fmt.Errorf("coordinates of %d and %d bytes, want %d", len(x), len(y), size)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(c.curve, append(append([]byte{4}, x...), y...))
	if err != nil {
		return err
	}
	k.verify = func(message, signature []byte) bool { return ecdsa.VerifyASN1(key, c.hash(message), signature) }
	return nil
}

func (k *publicKey) readOKP(m cbor.Map, kty int64) error {
	if err := exactly(m, coseKty, coseAlg, coseCrv, coseX); err != nil {
		return err
	}
	crv, _ := intOf(m, coseCrv)
	x := bytesIn(m, coseX)
	if kty != ktyOKP || crv != 6 || len(x) != ed25519.PublicKeySize {
		return fmt.Errorf("kty %d, crv %d, x of %d bytes; want 1, 6 and 32", kty, crv, len(x))
	}
	k.verify = func(message, signature []byte) bool { return ed25519.Verify(x, message, signature) }
	return nil
}

func (k *publicKey) readRSA(m cbor.Map, kty int64) error {
	const n, e = -1, -2
	if err := exactly(m, coseKty, coseAlg, n, e); err != nil {
		return err
	}
	exponent := new(big.Int).SetBytes(bytesIn(m, e))
	if kty != ktyRSA || exponent.BitLen() > 31 {
		return fmt.Errorf("kty %d, an exponent of %d bits", kty, exponent.BitLen())
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(bytesIn(m, n)), E: int(exponent.Int64())}
	k.verify = func(message, signature []byte) bool {
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sha256Of(message), signature) == nil
	}
	return nil
}
