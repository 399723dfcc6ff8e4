package authenticator_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"slices"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp256k1ecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/webauthn"
)

// coseMap is a COSE_Key read without any code of ours.
type coseMap struct {
	t      *testing.T
	labels map[int64]any
}

func (c coseMap) bytes(label int64) []byte {
	c.t.Helper()
	require.IsType(c.t, []byte{}, c.labels[label])
	return c.labels[label].([]byte)
}

// point is that of an EC2 key, uncompressed.
func (c coseMap) point() []byte { return slices.Concat([]byte{4}, c.bytes(-2), c.bytes(-3)) }

func (c coseMap) integer(label int64) *big.Int { return new(big.Int).SetBytes(c.bytes(label)) }

// verifyAlone checks a signature over authData ‖ clientDataHash with nothing but
// the library of the algorithm, starting at the bytes of the public key.
func verifyAlone(t *testing.T, alg webauthn.Algorithm, cose, authData, signature []byte) {
	t.Helper()
	key := coseMap{t: t}
	require.NoError(t, cbor.Unmarshal(cose, &key.labels))
	require.Equal(t, int64(alg), key.labels[3], "the key names the algorithm that was asked for")
	verify := verifiers[alg]
	require.NotNil(t, verify)
	message := slices.Concat(authData, clientDataHash[:])
	assert.True(t, verify(key, message, signature), "the signature verifies")
	message[len(message)-1] ^= 1
	assert.False(t, verify(key, message, signature), "it does not verify over anything else")
}

type verifier func(key coseMap, message, signature []byte) bool

var verifiers = map[webauthn.Algorithm]verifier{
	webauthn.ES256:   ecdsaVerifier(1, elliptic.P256(), sum256),
	webauthn.ESP256:  ecdsaVerifier(1, elliptic.P256(), sum256),
	webauthn.ES384:   ecdsaVerifier(2, elliptic.P384(), sum384),
	webauthn.ESP384:  ecdsaVerifier(2, elliptic.P384(), sum384),
	webauthn.ES512:   ecdsaVerifier(3, elliptic.P521(), sum512),
	webauthn.ESP512:  ecdsaVerifier(3, elliptic.P521(), sum512),
	webauthn.ES256K:  verifySecp256k1,
	webauthn.EdDSA:   verifyEd25519,
	webauthn.Ed25519: verifyEd25519,
	webauthn.Ed448:   verifyEd448,
	webauthn.RS256:   verifyPKCS1,
	webauthn.PS256:   verifyPSS,
	webauthn.MLDSA44: mldsaVerifier(mldsa.MLDSA44(), circl44),
	webauthn.MLDSA65: mldsaVerifier(mldsa.MLDSA65(), circl65),
	webauthn.MLDSA87: mldsaVerifier(mldsa.MLDSA87(), circl87),
}

func sum256(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }
func sum384(b []byte) []byte { sum := sha512.Sum384(b); return sum[:] }
func sum512(b []byte) []byte { sum := sha512.Sum512(b); return sum[:] }

func ecdsaVerifier(crv uint64, curve elliptic.Curve, hash func([]byte) []byte) verifier {
	return func(key coseMap, message, signature []byte) bool {
		require.Equal(key.t, uint64(2), key.labels[1], "kty")
		require.Equal(key.t, crv, key.labels[-1], "crv")
		public, err := ecdsa.ParseUncompressedPublicKey(curve, key.point())
		require.NoError(key.t, err)
		return ecdsa.VerifyASN1(public, hash(message), signature)
	}
}

func verifySecp256k1(key coseMap, message, signature []byte) bool {
	require.Equal(key.t, uint64(2), key.labels[1], "kty")
	require.Equal(key.t, uint64(8), key.labels[-1], "crv")
	public, err := secp256k1.ParsePubKey(key.point())
	require.NoError(key.t, err)
	parsed, err := secp256k1ecdsa.ParseDERSignature(signature)
	require.NoError(key.t, err)
	return parsed.Verify(sum256(message), public)
}

func verifyEd25519(key coseMap, message, signature []byte) bool {
	require.Equal(key.t, uint64(1), key.labels[1], "kty")
	require.Equal(key.t, uint64(6), key.labels[-1], "crv")
	return ed25519.Verify(key.bytes(-2), message, signature)
}

func verifyEd448(key coseMap, message, signature []byte) bool {
	require.Equal(key.t, uint64(1), key.labels[1], "kty")
	require.Equal(key.t, uint64(7), key.labels[-1], "crv")
	return ed448.Verify(key.bytes(-2), message, signature, "")
}

func rsaKey(key coseMap) *rsa.PublicKey {
	require.Equal(key.t, uint64(3), key.labels[1], "kty")
	public := &rsa.PublicKey{N: key.integer(-1), E: int(key.integer(-2).Int64())}
	require.Equal(key.t, 2048, public.N.BitLen())
	require.Equal(key.t, 65537, public.E)
	return public
}

func verifyPKCS1(key coseMap, message, signature []byte) bool {
	return rsa.VerifyPKCS1v15(rsaKey(key), crypto.SHA256, sum256(message), signature) == nil
}

func verifyPSS(key coseMap, message, signature []byte) bool {
	options := &rsa.PSSOptions{SaltLength: 32}
	return rsa.VerifyPSS(rsaKey(key), crypto.SHA256, sum256(message), signature, options) == nil
}

// mldsaVerifier asks two libraries that share no code, and wants them to agree.
func mldsaVerifier(parameters mldsa.Parameters, other func(t *testing.T, public, message, signature []byte) bool) verifier {
	return func(key coseMap, message, signature []byte) bool {
		require.Equal(key.t, uint64(7), key.labels[1], "kty")
		public, err := mldsa.NewPublicKey(parameters, key.bytes(-1))
		require.NoError(key.t, err)
		valid := mldsa.Verify(public, message, signature, nil) == nil
		require.Equal(key.t, valid, other(key.t, key.bytes(-1), message, signature))
		return valid
	}
}

func circl44(t *testing.T, public, message, signature []byte) bool {
	var k mldsa44.PublicKey
	require.NoError(t, k.UnmarshalBinary(public))
	return mldsa44.Verify(&k, message, nil, signature)
}

func circl65(t *testing.T, public, message, signature []byte) bool {
	var k mldsa65.PublicKey
	require.NoError(t, k.UnmarshalBinary(public))
	return mldsa65.Verify(&k, message, nil, signature)
}

func circl87(t *testing.T, public, message, signature []byte) bool {
	var k mldsa87.PublicKey
	require.NoError(t, k.UnmarshalBinary(public))
	return mldsa87.Verify(&k, message, nil, signature)
}
