package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"testing"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TestP256KeysAreSpelledAsX509Does holds the layout by hand to package x509.
func TestP256KeysAreSpelledAsX509Does(t *testing.T) {
	t.Parallel()
	var secret [32]byte
	_, err := seed.Stream(1, t.Name()).Read(secret[:])
	require.NoError(t, err)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret[:])
	require.NoError(t, err)
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, &private.PublicKey)
	require.NoError(t, err)
	want, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	require.NoError(t, err)

	got, algorithm, err := publicKeyOf(cose)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Equal(t, webauthn.ES256, algorithm)

	cose[len(cose)-1] ^= 1
	got, algorithm, err = publicKeyOf(cose)
	require.NoError(t, err)
	assert.Nil(t, got, "a point off the curve is no key")
	assert.Equal(t, webauthn.ES256, algorithm)
}

// getPublicKey() has a form for every key but two, which are no failure.
func TestPublicKeysOfOtherKinds(t *testing.T) {
	t.Parallel()
	secret := make([]byte, 57)
	_, err := seed.Stream(1, t.Name()).Read(secret)
	require.NoError(t, err)
	post, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), secret[:32])
	require.NoError(t, err)
	for _, c := range []struct {
		alg   webauthn.Algorithm
		key   crypto.PublicKey
		known bool
	}{
		{webauthn.Ed25519, ed25519.NewKeyFromSeed(secret[:32]).Public(), true},
		{webauthn.MLDSA44, post.PublicKey(), true},
		{webauthn.Ed448, ed448.NewKeyFromSeed(secret).Public(), false},
		{webauthn.ES256K, secp256k1.PrivKeyFromBytes(secret[:32]).PubKey(), false},
	} {
		cose, err := webauthn.EncodeCOSEKey(c.alg, c.key)
		require.NoError(t, err)
		spki, algorithm, err := publicKeyOf(cose)
		require.NoError(t, err)
		assert.Equal(t, c.alg, algorithm)
		if !c.known {
			assert.Nil(t, spki, "%s", c.alg)
			continue
		}
		back, err := mldsax509.ParsePKIXPublicKey(spki)
		require.NoError(t, err)
		assert.Equal(t, c.key, back, "%s", c.alg)
	}
}
