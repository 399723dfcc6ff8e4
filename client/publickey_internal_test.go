package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"testing"

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
