package authenticator_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// withPublicKey makes a PKCS #8 key of version 2, which has a public key beside it
// (RFC 5958 §2).
func withPublicKey(t *testing.T, der, public []byte) []byte {
	t.Helper()
	var parts []asn1.RawValue
	_, err := asn1.Unmarshal(der, &parts)
	require.NoError(t, err)
	bits, err := asn1.MarshalWithParams(asn1.BitString{Bytes: public, BitLength: 8 * len(public)}, "tag:1")
	require.NoError(t, err)
	parts[0].Bytes, parts[0].FullBytes = []byte{1}, nil
	made, err := asn1.Marshal(append(parts, asn1.RawValue{FullBytes: bits}))
	require.NoError(t, err)
	return made
}

func TestSetPKCS8ChecksThePublicKeyThatComesAlong(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{7}, 32)
	ec, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
	require.NoError(t, err)
	ecDER, err := x509.MarshalPKCS8PrivateKey(ec)
	require.NoError(t, err)
	ecPublic, err := ec.PublicKey.Bytes()
	require.NoError(t, err)
	ed := ed25519.NewKeyFromSeed(seed)
	edDER, err := x509.MarshalPKCS8PrivateKey(ed)
	require.NoError(t, err)
	edPublic := []byte(ed.Public().(ed25519.PublicKey))

	other := bytes.Clone(ecDER)
	other[len(other)-1] ^= 1 // its public key comes last
	for name, c := range map[string]struct {
		der     []byte
		refused string
	}{
		"P-256, its own inside":          {ecDER, ""},
		"P-256, another inside":          {other, "is not its own"},
		"P-256, its own inside and out":  {withPublicKey(t, ecDER, ecPublic), ""},
		"P-256, another outside":         {withPublicKey(t, ecDER, bytes.Repeat([]byte{4}, 65)), "is not its own"},
		"Ed25519 alone":                  {edDER, ""},
		"Ed25519, its own":               {withPublicKey(t, edDER, edPublic), ""},
		"Ed25519, another":               {withPublicKey(t, edDER, seed), "is not its own"},
		"Ed25519, one that is too short": {withPublicKey(t, edDER, edPublic[1:]), "is not its own"},
		"something after it":             {append(bytes.Clone(ecDER), 0), "after"},
	} {
		var got authenticator.Credential
		err := got.SetPKCS8(c.der)
		if c.refused == "" {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorContains(t, err, c.refused, name)
		assert.Zero(t, got, name)
	}
}

func TestPortableKey(t *testing.T) {
	t.Parallel()
	for alg, refused := range map[webauthn.Algorithm]string{
		webauthn.ES256: "", webauthn.ESP256: "", webauthn.ESP384: "", webauthn.ES512: "", webauthn.Ed25519: "", webauthn.RS256: "", webauthn.MLDSA65: "",
		webauthn.PS256: "would be taken for one of RS256", webauthn.Ed448: "in PKCS #8",
	} {
		der, err := drawn(alg).PortableKey()
		if refused != "" {
			assert.ErrorContains(t, err, refused, alg.String())
			continue
		}
		require.NoError(t, err, alg.String())
		taken := new(authenticator.Credential)
		require.NoError(t, taken.SetPKCS8(der))
	}
}

// HMACSecrets are those that hmac-secret works with, drawn or derived.
func TestHMACSecrets(t *testing.T) {
	t.Parallel()
	c := drawn(webauthn.ES256)
	with, without, err := c.HMACSecrets()
	require.NoError(t, err)
	assert.Len(t, with, 32)
	assert.Len(t, without, 32)
	assert.NotEqual(t, with, without)
	c.Extras = &authenticator.Extras{CredRandom: append(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)...)}
	with, without, err = c.HMACSecrets()
	require.NoError(t, err)
	assert.Equal(t, bytes.Repeat([]byte{1}, 32), []byte(with))
	assert.Equal(t, bytes.Repeat([]byte{2}, 32), []byte(without))
	c.Extras.CredRandom = authenticator.Secret{1}
	_, _, err = c.HMACSecrets()
	assert.Error(t, err)
}
