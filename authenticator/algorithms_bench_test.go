package authenticator_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp256k1ecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/webauthn"
)

// BenchmarkAlgorithms has a sign-in beside what its signature costs in the
// library of the algorithm, and a registration with self attestation.
func BenchmarkAlgorithms(b *testing.B) {
	for _, c := range []struct {
		alg webauthn.Algorithm
		raw func(b *testing.B) func(message []byte)
	}{
		{webauthn.ES256, rawECDSA(elliptic.P256(), crypto.SHA256, sum256)},
		{webauthn.ES384, rawECDSA(elliptic.P384(), crypto.SHA384, sum384)},
		{webauthn.ES512, rawECDSA(elliptic.P521(), crypto.SHA512, sum512)},
		{webauthn.ES256K, rawSecp256k1},
		{webauthn.EdDSA, rawEd25519},
		{webauthn.Ed448, rawEd448},
		{webauthn.RS256, rawPKCS1},
		{webauthn.PS256, rawPSS},
		{webauthn.MLDSA44, rawMLDSA(mldsa.MLDSA44())},
		{webauthn.MLDSA65, rawMLDSA(mldsa.MLDSA65())},
		{webauthn.MLDSA87, rawMLDSA(mldsa.MLDSA87())},
	} {
		b.Run(c.alg.String()+"/raw", func(b *testing.B) {
			sign := c.raw(b)
			message := make([]byte, 37+32)
			b.ReportAllocs()
			for b.Loop() {
				message[36]++ // how often ML-DSA starts again depends on the message
				sign(message)
			}
		})
		b.Run(c.alg.String()+"/getAssertion", func(b *testing.B) {
			r := newRig(b, polyglot())
			_, id := r.create(notDiscoverable, withAlgorithm(c.alg))
			exchangeAll(b, r, signIn(allowing(id)))
		})
		b.Run(c.alg.String()+"/makeCredential", func(b *testing.B) {
			exchangeAll(b, newRig(b, polyglot()), creation(notDiscoverable, withAlgorithm(c.alg)))
		})
	}
}

func rawECDSA(curve elliptic.Curve, hash crypto.Hash, sum func([]byte) []byte) func(b *testing.B) func([]byte) {
	return func(b *testing.B) func([]byte) {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(b, err)
		return func(message []byte) { _, _ = k.Sign(nil, sum(message), hash) }
	}
}

func rawSecp256k1(b *testing.B) func([]byte) {
	k, err := secp256k1.GeneratePrivateKey()
	require.NoError(b, err)
	return func(message []byte) { secp256k1ecdsa.Sign(k, sum256(message)).Serialize() }
}

func rawEd25519(b *testing.B) func([]byte) {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(b, err)
	return func(message []byte) { ed25519.Sign(k, message) }
}

func rawEd448(b *testing.B) func([]byte) {
	_, k, err := ed448.GenerateKey(rand.Reader)
	require.NoError(b, err)
	return func(message []byte) { ed448.Sign(k, message, "") }
}

func rawPKCS1(b *testing.B) func([]byte) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(b, err)
	return func(message []byte) { _, _ = rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum256(message)) }
}

func rawPSS(b *testing.B) func([]byte) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(b, err)
	return func(message []byte) {
		_, _ = rsa.SignPSS(rand.Reader, k, crypto.SHA256, sum256(message), &rsa.PSSOptions{SaltLength: 32})
	}
}

func rawMLDSA(parameters mldsa.Parameters) func(b *testing.B) func([]byte) {
	return func(b *testing.B) func([]byte) {
		k, err := mldsa.GenerateKey(parameters)
		require.NoError(b, err)
		return func(message []byte) { _, _ = k.SignDeterministic(message, nil) }
	}
}
