package relyingparties_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha512" // by which keys of P-384 and P-521 sign
	"errors"
	"fmt"
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// publicKey is a key that verifies.
type publicKey struct {
	alg      int
	verifies func(message, sig []byte) bool
}

var curveOf = map[int]struct {
	crv   int
	curve elliptic.Curve
	hash  crypto.Hash
}{-7: {1, elliptic.P256(), crypto.SHA256}, -35: {2, elliptic.P384(), crypto.SHA384}, -36: {3, elliptic.P521(), crypto.SHA512}}

func sum(h crypto.Hash, message []byte) []byte {
	w := h.New()
	_, _ = w.Write(message)
	return w.Sum(nil)
}

func (h *homemade) parseKey(raw []byte) (publicKey, error) {
	var k map[int]cbor.RawMessage
	if err := strict.Unmarshal(raw, &k); err != nil {
		return publicKey{}, err
	}
	var kty, alg, crv int
	if err := errors.Join(strict.Unmarshal(k[1], &kty), strict.Unmarshal(k[3], &alg)); err != nil {
		return publicKey{}, err
	}
	var x, y []byte
	of, isEC := curveOf[alg]
	switch {
	case isEC && kty == 2:
		if err := errors.Join(strict.Unmarshal(k[-1], &crv), strict.Unmarshal(k[-2], &x), strict.Unmarshal(k[-3], &y)); err != nil {
			return publicKey{}, err
		}
		if h.is("any curve") {
			for _, other := range curveOf {
				if other.crv == crv {
					of.crv, of.curve = crv, other.curve
				}
			}
		}
		size := (of.curve.Params().BitSize + 7) / 8
		point, err := ecdsa.ParseUncompressedPublicKey(of.curve, append(append([]byte{4}, x...), y...))
		if h.is("points unread") && err != nil {
			return publicKey{alg, func(_, _ []byte) bool { return false }}, nil
		}
		if err != nil || crv != of.crv || len(x) != size || len(y) != size {
			return publicKey{}, errors.Join(err, fmt.Errorf("curve %d", crv))
		}
		return publicKey{alg, func(message, sig []byte) bool { return ecdsa.VerifyASN1(point, sum(of.hash, message), sig) }}, nil
	case alg == -8 && kty == 1:
		if err := errors.Join(strict.Unmarshal(k[-1], &crv), strict.Unmarshal(k[-2], &x)); err != nil || crv != 6 || len(x) != ed25519.PublicKeySize {
			return publicKey{}, errors.Join(err, errors.New("no Ed25519"))
		}
		return publicKey{alg, func(message, sig []byte) bool { return ed25519.Verify(x, message, sig) }}, nil
	case alg == -257 && kty == 3 || alg == -65535 && h.is("any algorithm"):
		var n, e []byte
		if err := errors.Join(strict.Unmarshal(k[-1], &n), strict.Unmarshal(k[-2], &e)); err != nil || len(n) < 256 || len(e) > 4 {
			return publicKey{}, errors.Join(err, errors.New("no RSA key"))
		}
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		if key.E < 3 || key.E%2 == 0 {
			return publicKey{}, errors.New("no exponent")
		}
		return publicKey{alg, func(message, sig []byte) bool {
			return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum(crypto.SHA256, message), sig) == nil
		}}, nil
	}
	if h.is("any algorithm") {
		return publicKey{alg, func(_, _ []byte) bool { return false }}, nil
	}
	return publicKey{}, fmt.Errorf("algorithm %d with key type %d", alg, kty)
}
