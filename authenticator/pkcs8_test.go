package authenticator_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// drawn is a credential as a device would have drawn it.
func drawn(alg webauthn.Algorithm) *authenticator.Credential {
	return &authenticator.Credential{Algorithm: alg, PrivateKey: authenticator.Secret("a secret that is 32 bytes long !")}
}

// Keys go through PKCS #8 and are the same afterwards.
func TestPKCS8(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		alg     webauthn.Algorithm
		takenAs webauthn.Algorithm // where nothing is said about it
		bytes   int                // of the private key afterwards
	}{
		{webauthn.ES256, webauthn.ES256, 32}, {webauthn.ESP256, webauthn.ES256, 32},
		{webauthn.ES384, webauthn.ES384, 48}, {webauthn.ESP384, webauthn.ES384, 48},
		{webauthn.ES512, webauthn.ES512, 66}, {webauthn.ESP512, webauthn.ES512, 66},
		{webauthn.EdDSA, webauthn.EdDSA, 32}, {webauthn.Ed25519, webauthn.EdDSA, 32},
		{webauthn.RS256, webauthn.RS256, 256}, {webauthn.PS256, webauthn.RS256, 256},
		{webauthn.MLDSA44, webauthn.MLDSA44, 32}, {webauthn.MLDSA65, webauthn.MLDSA65, 32}, {webauthn.MLDSA87, webauthn.MLDSA87, 32},
	} {
		t.Run(c.alg.String(), func(t *testing.T) {
			t.Parallel()
			der, err := drawn(c.alg).PKCS8()
			require.NoError(t, err)
			want, err := drawn(c.alg).PublicKey()
			require.NoError(t, err)

			told := &authenticator.Credential{Algorithm: c.alg}
			require.NoError(t, told.SetPKCS8(der))
			assert.Equal(t, c.alg, told.Algorithm, "an algorithm that goes with the key stays")
			assert.Len(t, told.PrivateKey, c.bytes)
			public, err := told.PublicKey()
			require.NoError(t, err)
			assert.Equal(t, want, public)

			untold, mistold := new(authenticator.Credential), &authenticator.Credential{Algorithm: webauthn.Ed448}
			require.NoError(t, untold.SetPKCS8(der))
			require.NoError(t, mistold.SetPKCS8(der))
			assert.Equal(t, c.takenAs, untold.Algorithm)
			assert.Equal(t, untold, mistold)
		})
	}
}

func TestPKCS8CannotCarryEveryKey(t *testing.T) {
	t.Parallel()
	for _, alg := range []webauthn.Algorithm{webauthn.Ed448, webauthn.ES256K} {
		_, err := drawn(alg).PKCS8()
		assert.ErrorContains(t, err, alg.String()+" in PKCS #8")
	}
	_, err := (&authenticator.Credential{}).PKCS8()
	assert.Error(t, err)
	_, err = (&authenticator.Credential{}).PublicKey()
	assert.Error(t, err)
}

func TestSetPKCS8RefusesOtherKeys(t *testing.T) {
	t.Parallel()
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for name, key := range map[string]any{"P-224": p224, "X25519": x25519, "RSA of 1024 bits": short} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err, name)
		c := new(authenticator.Credential)
		assert.ErrorContains(t, c.SetPKCS8(der), "of that kind is not implemented", name)
		assert.Zero(t, *c, name)
	}
	c := new(authenticator.Credential)
	assert.ErrorContains(t, c.SetPKCS8([]byte{1}), "credential key")
	assert.ErrorContains(t, c.SetPKCS8(make([]byte, 8193)), "at most 8192 are read")
	assert.Zero(t, *c)
}

// Keys that others made go in as they are, of every length that is allowed.
func TestSetPKCS8TakesForeignKeys(t *testing.T) {
	t.Parallel()
	long, err := rsa.GenerateKey(rand.Reader, 3072)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for want, key := range map[webauthn.Algorithm]any{webauthn.RS256: long, webauthn.EdDSA: ed} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		c := new(authenticator.Credential)
		require.NoError(t, c.SetPKCS8(der))
		assert.Equal(t, want, c.Algorithm)
		again, err := c.PKCS8()
		require.NoError(t, err)
		assert.Equal(t, der, again)
	}
}

// What is taken can be used.
func FuzzSetPKCS8(f *testing.F) {
	for _, alg := range everyAlgorithm {
		if der, err := drawn(alg).PKCS8(); err == nil {
			f.Add(der)
		}
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		c := new(authenticator.Credential)
		if c.SetPKCS8(der) != nil {
			require.Zero(t, *c)
			return
		}
		_, err := c.PublicKey()
		require.NoError(t, err)
		_, err = c.PKCS8()
		require.NoError(t, err)
	})
}
