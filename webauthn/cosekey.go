package webauthn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Algorithm is a COSE algorithm identifier (§5.8.5; IANA COSE Algorithms).
type Algorithm int64

// Algorithms that WebAuthn relying parties ask for.
const (
	ES256 Algorithm = -7   // ECDSA on P-256 with SHA-256
	EdDSA Algorithm = -8   // Ed25519
	ES384 Algorithm = -35  // ECDSA on P-384 with SHA-384
	ES512 Algorithm = -36  // ECDSA on P-521 with SHA-512
	RS256 Algorithm = -257 // RSASSA-PKCS1-v1_5 with SHA-256
)

var algorithmNames = map[Algorithm]string{ES256: "ES256", EdDSA: "EdDSA", ES384: "ES384", ES512: "ES512", RS256: "RS256"}

// String returns the IANA name, or the number where we know none.
func (a Algorithm) String() string {
	if name, ok := algorithmNames[a]; ok {
		return name
	}
	return fmt.Sprintf("COSE algorithm %d", int64(a))
}

// COSE key types and curves (RFC 9053 §7).
const (
	keyTypeOKP, keyTypeEC2, keyTypeRSA = 1, 2, 3
	curveP256, curveP384, curveP521    = 1, 2, 3
	curveEd25519                       = 6
)

// coseKey is a COSE_Key as WebAuthn restricts it (§5.8.5, §6.5.1): exactly the
// members of its key type, the label -1 meaning curve or modulus.
type coseKey struct {
	KeyType   int       `cbor:"1,keyasint"`
	Algorithm Algorithm `cbor:"3,keyasint"`
	CurveOrN  any       `cbor:"-1,keyasint"`
	XOrE      []byte    `cbor:"-2,keyasint"`
	Y         []byte    `cbor:"-3,keyasint,omitempty"`
}

type ecCurve struct {
	id    uint64
	curve elliptic.Curve
}

var ecCurves = map[Algorithm]ecCurve{
	ES256: {curveP256, elliptic.P256()},
	ES384: {curveP384, elliptic.P384()},
	ES512: {curveP521, elliptic.P521()},
}

// A P-256 key for ES256 in canonical CBOR is these bytes around its coordinates,
// which canonical form leaves no other spelling for.
const (
	es256Head   = "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" // kty EC2, alg ES256, crv P-256, x of 32 bytes
	es256Middle = "\x22\x58\x20"                             // y of 32 bytes
	es256Size   = len(es256Head) + 32 + len(es256Middle) + 32
)

func encodeES256(point []byte) []byte {
	out := make([]byte, 0, es256Size)
	out = append(out, es256Head...)
	out = append(out, point[1:33]...)
	out = append(out, es256Middle...)
	return append(out, point[33:]...)
}

// AppendES256Point appends the point of a COSE_Key for ES256, uncompressed (SEC 1
// §2.3.3, 65 bytes) and not checked to be on the curve. ok is false for all other
// keys.
func AppendES256Point(out, cose []byte) (extended []byte, ok bool) {
	if len(cose) != es256Size {
		return out, false
	}
	x, middle, y := cose[len(es256Head):][:32], cose[len(es256Head)+32:], cose[es256Size-32:]
	if string(cose[:len(es256Head)]) != es256Head || string(middle[:len(es256Middle)]) != es256Middle {
		return out, false
	}
	return append(append(append(out, 4), x...), y...), true
}

// EncodeCOSEKey encodes a public key as a COSE_Key for alg. It fails when the
// key is not of the kind that alg signs with.
func EncodeCOSEKey(alg Algorithm, key crypto.PublicKey) ([]byte, error) {
	c := coseKey{Algorithm: alg}
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		known, ok := ecCurves[alg]
		if !ok || known.curve != k.Curve {
			return nil, fmt.Errorf("COSE key: %s does not use curve %s", alg, k.Curve.Params().Name)
		}
		point, err := k.Bytes()
		if err != nil {
			return nil, fmt.Errorf("COSE key: %w", err)
		}
		if alg == ES256 {
			return encodeES256(point), nil
		}
		half := (len(point) - 1) / 2
		c.KeyType, c.CurveOrN, c.XOrE, c.Y = keyTypeEC2, known.id, point[1:1+half], point[1+half:]
	case ed25519.PublicKey:
		if alg != EdDSA {
			return nil, fmt.Errorf("COSE key: %s does not use Ed25519", alg)
		}
		c.KeyType, c.CurveOrN, c.XOrE = keyTypeOKP, uint64(curveEd25519), k
	case *rsa.PublicKey:
		if alg != RS256 {
			return nil, fmt.Errorf("COSE key: %s does not use RSA", alg)
		}
		c.KeyType, c.CurveOrN, c.XOrE = keyTypeRSA, k.N.Bytes(), big.NewInt(int64(k.E)).Bytes()
	default:
		return nil, fmt.Errorf("COSE key: no encoding for %T", key)
	}
	return canon.Marshal(&c)
}

// ParseCOSEKey decodes a COSE_Key and checks that key type, algorithm, curve
// and lengths belong together and that the point lies on its curve.
func ParseCOSEKey(data []byte) (Algorithm, crypto.PublicKey, error) {
	var c coseKey
	if err := canon.Unmarshal(data, &c); err != nil {
		return 0, nil, fmt.Errorf("COSE key: %w", err)
	}
	key, err := c.public()
	if err != nil {
		return 0, nil, fmt.Errorf("COSE key: %w", err)
	}
	return c.Algorithm, key, nil
}

func (c *coseKey) public() (crypto.PublicKey, error) {
	switch c.KeyType {
	case keyTypeEC2:
		return c.ec2()
	case keyTypeOKP:
		if c.Algorithm != EdDSA || c.CurveOrN != uint64(curveEd25519) || len(c.XOrE) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key type OKP needs EdDSA, curve Ed25519 and %d bytes", ed25519.PublicKeySize)
		}
		return ed25519.PublicKey(c.XOrE), nil
	case keyTypeRSA:
		return c.rsa()
	}
	return nil, fmt.Errorf("key type %d is not known", c.KeyType)
}

func (c *coseKey) ec2() (crypto.PublicKey, error) {
	known, ok := ecCurves[c.Algorithm]
	if !ok || c.CurveOrN != known.id {
		return nil, fmt.Errorf("%s does not go with curve %v", c.Algorithm, c.CurveOrN)
	}
	size := (known.curve.Params().BitSize + 7) / 8
	if len(c.XOrE) != size || len(c.Y) != size {
		return nil, fmt.Errorf("coordinates of %d and %d bytes, want %d", len(c.XOrE), len(c.Y), size)
	}
	point := append(append([]byte{4}, c.XOrE...), c.Y...)
	return ecdsa.ParseUncompressedPublicKey(known.curve, point)
}

func (c *coseKey) rsa() (crypto.PublicKey, error) {
	n, ok := c.CurveOrN.([]byte)
	if c.Algorithm != RS256 || !ok {
		return nil, fmt.Errorf("key type RSA needs RS256 and a modulus")
	}
	if len(n) < 256 || len(n) > 1024 || len(c.XOrE) == 0 || len(c.XOrE) > 4 {
		return nil, fmt.Errorf("RSA modulus of %d bytes and exponent of %d, want 256 to 1024 and 1 to 4", len(n), len(c.XOrE))
	}
	e := int(new(big.Int).SetBytes(c.XOrE).Int64())
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: e}, nil
}
