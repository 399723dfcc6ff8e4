package attestationtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
)

// vectorStructures are pubArea and certInfo of the vector of WebAuthn L3 §16.13.
func vectorStructures(t testing.TB) (area, info []byte) {
	t.Helper()
	vectors, err := testdata.WebAuthnVectors()
	require.NoError(t, err)
	i := slices.IndexFunc(vectors, func(v testdata.WebAuthnVector) bool { return v.Format == "tpm" })
	require.GreaterOrEqual(t, i, 0)
	var object struct {
		Statement struct {
			PubArea  []byte `cbor:"pubArea"`
			CertInfo []byte `cbor:"certInfo"`
		} `cbor:"attStmt"`
	}
	require.NoError(t, strict.Unmarshal(vectors[i].Registration.AttestationObject, &object))
	return object.Statement.PubArea, object.Statement.CertInfo
}

func TestTPMStructures(t *testing.T) {
	t.Parallel()
	area, info := vectorStructures(t)
	public, ok := readTPMPublic(area)
	require.True(t, ok)
	assert.EqualValues(t, 0x000b, public.nameAlg)
	assert.IsType(t, &ecdsa.PublicKey{}, public.key)
	attest, ok := readTPMAttest(info)
	require.True(t, ok)
	assert.EqualValues(t, tpmGenerated, attest.magic)
	assert.EqualValues(t, tpmCertify, attest.kind)
	assert.Len(t, attest.extraData, 32)
	assert.Len(t, attest.name, 34)
	for n := range area {
		_, ok := readTPMPublic(area[:n])
		assert.False(t, ok, "area of %d bytes", n)
	}
	for n := range info {
		_, ok := readTPMAttest(info[:n])
		assert.False(t, ok, "certInfo of %d bytes", n)
	}
}

// An RSA key is as long as its area says, or there is none.
func TestRSALength(t *testing.T) {
	t.Parallel()
	area := append([]byte("\x00\x01\x00\x0b\x00\x04\x00\x00\x00\x00\x00\x10\x00\x10\x08\x00\x00\x00\x00\x00\x01\x00"), bytes.Repeat([]byte{0xff}, 256)...)
	public, ok := readTPMPublic(area)
	require.True(t, ok)
	assert.Equal(t, 65537, public.key.(*rsa.PublicKey).E)
	const bitsAt = 14
	area[bitsAt] = 4
	public, ok = readTPMPublic(area)
	require.True(t, ok)
	assert.Nil(t, public.key)
}

// What is read has an end: with another byte behind it, or beyond the bound, it is
// not read any more.
func FuzzTPMStructures(f *testing.F) {
	area, info := vectorStructures(f)
	f.Add(area)
	f.Add(info)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, ok := readTPMPublic(data); ok {
			_, ok := readTPMPublic(append(slices.Clone(data), 0))
			assert.False(t, ok)
		}
		if attest, ok := readTPMAttest(data); ok && attest.kind == tpmCertify {
			_, ok := readTPMAttest(append(slices.Clone(data), 0))
			assert.False(t, ok)
		}
	})
}
