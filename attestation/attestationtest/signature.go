package attestationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha1" // RS1
	_ "crypto/sha256"
	_ "crypto/sha512" // ES384 and ES512
)

// algorithm is how signatures of a COSEAlgorithmIdentifier are verified (§5.8.5).
type algorithm struct {
	hash  crypto.Hash
	curve elliptic.Curve // nil for RSA
}

const edDSA = -8

var algorithms = map[int64]algorithm{
	-7: {crypto.SHA256, elliptic.P256()}, -35: {crypto.SHA384, elliptic.P384()}, -36: {crypto.SHA512, elliptic.P521()},
	-257: {crypto.SHA256, nil}, -65535: {crypto.SHA1, nil},
}

// verifies reports whether a signature is one by a key and algorithm that belong
// together (§6.5.5).
func verifies(alg int64, public crypto.PublicKey, message, signature []byte) bool {
	if key, ok := public.(ed25519.PublicKey); ok {
		return alg == edDSA && ed25519.Verify(key, message, signature)
	}
	how, known := algorithms[alg]
	if !known {
		return false
	}
	h := how.hash.New()
	h.Write(message)
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		return key.Curve == how.curve && ecdsa.VerifyASN1(key, h.Sum(nil), signature)
	case *rsa.PublicKey:
		return how.curve == nil && rsa.VerifyPKCS1v15(key, how.hash, h.Sum(nil), signature) == nil
	}
	return false
}

// same reports whether two public keys are one.
func same(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}
