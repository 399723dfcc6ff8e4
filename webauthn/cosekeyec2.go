package webauthn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// ec2Curve is a curve of key type EC2 (RFC 9053 §7.1, RFC 8812 §3.1).
type ec2Curve struct {
	id    uint64
	curve elliptic.Curve // nil for secp256k1, which the standard library does not have
	size  int            // bytes of a coordinate
}

var (
	curveP256      = ec2Curve{1, elliptic.P256(), 32}
	curveP384      = ec2Curve{2, elliptic.P384(), 48}
	curveP521      = ec2Curve{3, elliptic.P521(), 66}
	curveSecp256k1 = ec2Curve{8, nil, 32}
)

var ec2Curves = map[Algorithm]ec2Curve{
	ES256: curveP256, ESP256: curveP256,
	ES384: curveP384, ESP384: curveP384,
	ES512: curveP521, ESP512: curveP521,
	ES256K: curveSecp256k1,
}

// encodeEC2 encodes an uncompressed point (SEC 1 §2.3.3) of a curve. §5.8.5
// forbids the compressed form.
func encodeEC2(alg Algorithm, curve elliptic.Curve, point []byte) ([]byte, error) {
	known, ok := ec2Curves[alg]
	if !ok || known.curve != curve {
		return nil, fmt.Errorf("%s does not use curve %s", alg, ec2Curve{curve: curve})
	}
	if alg == ES256 {
		return encodeES256(point), nil
	}
	x, y := point[1:1+known.size], point[1+known.size:]
	return canon.Marshal(&coseKey{KeyType: keyTypeEC2, Algorithm: alg, Minus1: known.id, Minus2: x, Minus3: y})
}

func (c *coseKey) ec2() (crypto.PublicKey, error) {
	known, ok := ec2Curves[c.Algorithm]
	if !ok || c.Minus1 != known.id {
		return nil, fmt.Errorf("%s does not go with curve %v", c.Algorithm, c.Minus1)
	}
	if len(c.Minus2) != known.size || len(c.Minus3) != known.size {
		return nil, fmt.Errorf("coordinates of %d and %d bytes, want %d", len(c.Minus2), len(c.Minus3), known.size)
	}
	point := append(append([]byte{4}, c.Minus2...), c.Minus3...)
	if known.curve == nil {
		return secp256k1.ParsePubKey(point)
	}
	return ecdsa.ParseUncompressedPublicKey(known.curve, point)
}

func (c ec2Curve) String() string {
	if c.curve == nil {
		return "secp256k1"
	}
	return c.curve.Params().Name
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
