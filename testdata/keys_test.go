package testdata_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
)

// COSE algorithms of the vectors.
const (
	es256, eddsa, es384, es512, ed448Alg, rs256 = -7, -8, -35, -36, -53, -257
)

// curve is what ECDSA under one COSE algorithm uses.
type curve struct {
	elliptic.Curve
	id   int // COSE
	size int // bytes of a scalar and of a coordinate
	hash crypto.Hash
}

var curves = map[int64]curve{
	es256: {elliptic.P256(), 1, 32, crypto.SHA256},
	es384: {elliptic.P384(), 2, 48, crypto.SHA384},
	es512: {elliptic.P521(), 3, 66, crypto.SHA512},
}

// ecdsaKey is the private key of a scalar, which may be shorter than its curve
// wants: the one for P-521 is.
func ecdsaKey(t *testing.T, c curve, scalar []byte) *ecdsa.PrivateKey {
	t.Helper()
	raw := make([]byte, c.size)
	copy(raw[c.size-len(scalar):], scalar)
	key, err := ecdsa.ParseRawPrivateKey(c.Curve, raw)
	require.NoError(t, err)
	return key
}

// rsaKey is the private key of the two primes.
func rsaKey(t *testing.T, v *testdata.WebAuthnVector) *rsa.PrivateKey {
	t.Helper()
	one := big.NewInt(1)
	p, q := new(big.Int).SetBytes(v.Registration.Primes[0]), new(big.Int).SetBytes(v.Registration.Primes[1])
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, Primes: []*big.Int{p, q}}
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key.D = new(big.Int).ModInverse(big.NewInt(int64(key.E)), phi)
	require.NoError(t, key.Validate())
	key.Precompute()
	return key
}

// coseKey returns the members of the COSE_Key that belongs to the private key.
func coseKey(t *testing.T, v *testdata.WebAuthnVector) map[int]any {
	t.Helper()
	secret := v.Registration.PrivateKey
	switch v.Algorithm {
	case eddsa:
		public := ed25519.NewKeyFromSeed(secret).Public().(ed25519.PublicKey)
		return map[int]any{1: 1, 3: eddsa, -1: 6, -2: []byte(public)}
	case ed448Alg:
		return map[int]any{1: 1, 3: ed448Alg, -1: 7, -2: newEd448Key(secret).public}
	case rs256:
		public := rsaKey(t, v).PublicKey
		return map[int]any{1: 3, 3: rs256, -1: public.N.Bytes(), -2: big.NewInt(int64(public.E)).Bytes()}
	}
	c := curves[v.Algorithm]
	point, err := ecdsaKey(t, c, secret).PublicKey.Bytes()
	require.NoError(t, err)
	return map[int]any{1: 2, 3: v.Algorithm, -1: c.id, -2: point[1 : 1+c.size], -3: point[1+c.size:]}
}

// sign signs with the credential's key as the text prescribes: ECDSA with the
// nonce of RFC 6979, which is what crypto/ecdsa does without a random source.
func sign(t *testing.T, v *testdata.WebAuthnVector, message []byte) []byte {
	t.Helper()
	secret := v.Registration.PrivateKey
	switch v.Algorithm {
	case eddsa:
		return ed25519.Sign(ed25519.NewKeyFromSeed(secret), message)
	case ed448Alg:
		return newEd448Key(secret).sign(message)
	case rs256:
		digest := sha256.Sum256(message)
		signature, err := rsa.SignPKCS1v15(nil, rsaKey(t, v), crypto.SHA256, digest[:])
		require.NoError(t, err)
		return signature
	}
	c := curves[v.Algorithm]
	return signECDSA(t, c.hash, ecdsaKey(t, c, secret), message)
}

func signECDSA(t *testing.T, hash crypto.Hash, key *ecdsa.PrivateKey, message []byte) []byte {
	t.Helper()
	h := hash.New()
	h.Write(message)
	signature, err := key.Sign(nil, h.Sum(nil), hash)
	require.NoError(t, err)
	return signature
}

// verify checks a signature with the standard library's verifier for the public
// key; Ed448, which has none there, is compared with the only signature that the
// key can make.
func verify(t *testing.T, v *testdata.WebAuthnVector, message, signature []byte) bool {
	t.Helper()
	key := credentialKey(t, v)
	switch v.Algorithm {
	case eddsa:
		return ed25519.Verify(key[-2].([]byte), message, signature)
	case ed448Alg:
		return string(newEd448Key(v.Registration.PrivateKey).sign(message)) == string(signature)
	case rs256:
		digest := sha256.Sum256(message)
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(key[-1].([]byte)), E: int(new(big.Int).SetBytes(key[-2].([]byte)).Int64())}
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) == nil
	}
	c := curves[v.Algorithm]
	point := append(append([]byte{4}, key[-2].([]byte)...), key[-3].([]byte)...)
	public, err := ecdsa.ParseUncompressedPublicKey(c.Curve, point)
	require.NoError(t, err)
	h := c.hash.New()
	h.Write(message)
	return ecdsa.VerifyASN1(public, h.Sum(nil), signature)
}
