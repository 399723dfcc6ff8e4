package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// maxCOSEKey bounds the parser, in bytes. The longest key there is, of
// ML-DSA-87, takes 2602.
const maxCOSEKey = 4096

// COSE key types (RFC 9053 §7, RFC 8230 §4, RFC 9964 §3).
const (
	keyTypeOKP = 1
	keyTypeEC2 = 2
	keyTypeRSA = 3
	keyTypeAKP = 7
)

// coseKey is a COSE_Key as WebAuthn restricts it (§5.8.5, §6.5.1): exactly the
// members of its key type. The labels below zero mean another thing in each.
type coseKey struct {
	KeyType   int       `cbor:"1,keyasint"`
	Algorithm Algorithm `cbor:"3,keyasint"`
	Minus1    any       `cbor:"-1,keyasint"`           // curve; modulus; public key of AKP
	Minus2    []byte    `cbor:"-2,keyasint,omitempty"` // x; exponent
	Minus3    []byte    `cbor:"-3,keyasint,omitempty"` // y
}

// EncodeCOSEKey encodes a public key as a COSE_Key for alg. It takes the types
// that [ParseCOSEKey] returns, and fails when the key is not of the kind that
// alg signs with.
func EncodeCOSEKey(alg Algorithm, key crypto.PublicKey) ([]byte, error) {
	encoded, err := encodeCOSEKey(alg, key)
	if err != nil {
		return nil, fmt.Errorf("COSE key: %w", err)
	}
	return encoded, nil
}

func encodeCOSEKey(alg Algorithm, key crypto.PublicKey) ([]byte, error) {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			return nil, err
		}
		return encodeEC2(alg, k.Curve, point)
	case *secp256k1.PublicKey:
		return encodeEC2(alg, nil, k.SerializeUncompressed())
	case ed25519.PublicKey:
		return encodeOKP(alg, curveEd25519, k)
	case ed448.PublicKey:
		return encodeOKP(alg, curveEd448, k)
	case *rsa.PublicKey:
		return encodeRSA(alg, k)
	case *mldsa.PublicKey:
		return encodeAKP(alg, k)
	}
	return nil, fmt.Errorf("no encoding for %T", key)
}

// ParseCOSEKey decodes a COSE_Key and checks that key type, algorithm, curve
// and lengths belong together, that an EC2 point lies on its curve, and that
// there is nothing else in the map. The key is an *[ecdsa.PublicKey], an
// [ed25519.PublicKey] or *[rsa.PublicKey], or one of a type that the standard
// library lacks: *[secp256k1.PublicKey] for ES256K, [ed448.PublicKey] for Ed448,
// *[mldsa.PublicKey] for ML-DSA.
func ParseCOSEKey(data []byte) (Algorithm, crypto.PublicKey, error) {
	alg, key, err := parseCOSEKey(data)
	if err != nil {
		return 0, nil, fmt.Errorf("COSE key: %w", err)
	}
	return alg, key, nil
}

func parseCOSEKey(data []byte) (Algorithm, crypto.PublicKey, error) {
	if len(data) > maxCOSEKey {
		return 0, nil, fmt.Errorf("%d bytes, at most %d are read", len(data), maxCOSEKey)
	}
	var c coseKey
	if err := canon.Unmarshal(data, &c); err != nil {
		return 0, nil, err
	}
	key, err := c.public()
	if err != nil {
		return 0, nil, err
	}
	// Canonical CBOR leaves a key one spelling, so whatever differs from it is a
	// member that does not belong (§6.5.1) or a number with leading zeros.
	again, err := encodeCOSEKey(c.Algorithm, key)
	if err != nil {
		return 0, nil, err
	}
	if !bytes.Equal(data, again) {
		return 0, nil, errors.New("more members than the key type has, or numbers with leading zeros")
	}
	return c.Algorithm, key, nil
}

func (c *coseKey) public() (crypto.PublicKey, error) {
	switch c.KeyType {
	case keyTypeEC2:
		return c.ec2()
	case keyTypeOKP:
		return c.okp()
	case keyTypeRSA:
		return c.rsa()
	case keyTypeAKP:
		return c.akp()
	}
	return nil, fmt.Errorf("key type %d is not known", c.KeyType)
}
