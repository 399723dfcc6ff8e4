package pinuv_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

func TestSupported(t *testing.T) {
	t.Parallel()
	for number, want := range map[uint64]bool{0: false, 1: true, 2: true, 3: false} {
		p, ok := pinuv.Supported(number)
		assert.Equal(t, want, ok, number)
		assert.Equal(t, number, uint64(p))
	}
}

// TestNewKeyPairDrawsAgain: neither 0 nor anything from the order of the group
// up is a scalar.
func TestNewKeyPairDrawsAgain(t *testing.T) {
	t.Parallel()
	order := unhex(t, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
	random := io.MultiReader(bytes.NewReader(make([]byte, 32)), bytes.NewReader(order), counting(0x21, 32))
	k, err := pinuv.NewKeyPair(random)
	require.NoError(t, err)
	assert.Equal(t, authenticatorX, hex.EncodeToString(k.Public().X))
}

func TestNewKeyPairGivesUp(t *testing.T) {
	t.Parallel()
	_, err := pinuv.NewKeyPair(zeros{})
	assert.ErrorContains(t, err, "no scalar")
	broken := errors.New("no entropy")
	_, err = pinuv.NewKeyPair(iotest.ErrReader(broken))
	assert.ErrorIs(t, err, broken)
	_, _, err = pinuv.Encapsulate(iotest.ErrReader(broken), pinuv.Two, authenticatorKey(t).Public())
	assert.ErrorIs(t, err, broken)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestKeysNotToAgreeWith(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*ctap.KeyAgreement){
		"key type":     func(k *ctap.KeyAgreement) { k.KeyType = 1 },
		"curve":        func(k *ctap.KeyAgreement) { k.Curve = 2 },
		"x missing":    func(k *ctap.KeyAgreement) { k.X = nil },
		"y missing":    func(k *ctap.KeyAgreement) { k.Y = nil },
		"x short":      func(k *ctap.KeyAgreement) { k.X = k.X[1:] },
		"y long":       func(k *ctap.KeyAgreement) { k.Y = append(k.Y, 0) },
		"off curve":    func(k *ctap.KeyAgreement) { k.Y = bytes.Clone(k.X) },
		"origin":       func(k *ctap.KeyAgreement) { k.X, k.Y = make([]byte, 32), make([]byte, 32) },
		"beyond field": func(k *ctap.KeyAgreement) { k.X = bytes.Repeat([]byte{0xff}, 32) },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer := platformKey(t).Public()
			_, err := authenticatorKey(t).Decapsulate(pinuv.Two, peer)
			require.NoError(t, err)
			spoil(peer)
			_, err = authenticatorKey(t).Decapsulate(pinuv.Two, peer)
			assert.ErrorIs(t, err, pinuv.ErrKeyAgreement)
			_, _, err = pinuv.Encapsulate(counting(1, 32), pinuv.Two, peer)
			assert.ErrorIs(t, err, pinuv.ErrKeyAgreement)
		})
	}
	_, err := authenticatorKey(t).Decapsulate(pinuv.One, nil)
	assert.ErrorIs(t, err, pinuv.ErrKeyAgreement)
	_, err = authenticatorKey(t).Decapsulate(3, platformKey(t).Public())
	assert.Error(t, err)
	assert.NotErrorIs(t, err, pinuv.ErrKeyAgreement)
}

// TestAlgorithmLabel: -25 says nothing, so it is not looked at.
func TestAlgorithmLabel(t *testing.T) {
	t.Parallel()
	peer := platformKey(t).Public()
	peer.Algorithm = -7
	_, err := authenticatorKey(t).Decapsulate(pinuv.Two, peer)
	assert.NoError(t, err)
}

func TestBlockLengths(t *testing.T) {
	t.Parallel()
	one, two := secretOf(t, pinuv.One), secretOf(t, pinuv.Two)
	for _, n := range []int{1, 15, 17, 63} {
		for _, s := range []pinuv.Secret{one, two} {
			_, err := s.Encrypt(zeros{}, make([]byte, n))
			assert.Error(t, err, "%s, %d bytes", s.Protocol(), n)
			_, err = s.Decrypt(make([]byte, n))
			assert.Error(t, err, "%s, %d bytes", s.Protocol(), n)
		}
	}
	_, err := two.Decrypt(nil)
	assert.Error(t, err, "protocol two without its initialization vector")
	_, err = one.Decrypt(make([]byte, 1040))
	assert.Error(t, err, "longer than anything there is")
	_, err = two.Encrypt(iotest.ErrReader(io.ErrUnexpectedEOF), make([]byte, 16))
	assert.Error(t, err, "no randomness for the initialization vector")
	out, err := one.Encrypt(iotest.ErrReader(io.ErrUnexpectedEOF), make([]byte, 16))
	require.NoError(t, err, "protocol one needs no randomness")
	assert.Len(t, out, 16)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for p, size := range map[pinuv.Protocol]int{pinuv.One: 16, pinuv.Two: 32} {
		secret, message := secretOf(t, p), []byte("saltEnc")
		good := secret.Authenticate(message)
		require.Len(t, good, size)
		assert.True(t, secret.Verify(message, good))
		assert.False(t, secret.Verify([]byte("another"), good))
		assert.False(t, secret.Verify(message, good[:size-1]))
		assert.False(t, secret.Verify(message, append(good, 0)))
		assert.False(t, secret.Verify(message, nil))
		assert.False(t, p.Verify(count(1, 32), message, good), "under another key")
	}
	assert.False(t, pinuv.Protocol(3).Verify(nil, nil, nil))
	assert.Nil(t, pinuv.Protocol(3).Authenticate(nil, nil))
}

// TestZeroSecret is good for nothing, rather than for a key of zeros.
func TestZeroSecret(t *testing.T) {
	t.Parallel()
	var none pinuv.Secret
	_, err := none.Encrypt(zeros{}, make([]byte, 16))
	assert.Error(t, err)
	_, err = none.Decrypt(make([]byte, 16))
	assert.Error(t, err)
	assert.False(t, none.Verify(nil, nil))
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	secret, key := secretOf(t, pinuv.Two), platformKey(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d", "%q"} {
		assert.Equal(t, "(secret)", fmt.Sprintf(verb, secret))
		assert.Equal(t, "(secret)", fmt.Sprintf(verb, key))
	}
}

func TestPadPIN(t *testing.T) {
	t.Parallel()
	padded, err := pinuv.PadPIN(strings.Repeat("9", 63))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("9", 63)+"\x00", string(padded))
	_, err = pinuv.PadPIN(strings.Repeat("9", 64))
	assert.Error(t, err)
	_, err = pinuv.PadPIN("1234\x00")
	assert.Error(t, err)
}

func TestMessages(t *testing.T) {
	t.Parallel()
	const prefix = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	params := []byte{0xa1, 0x01, 0x02}
	for want, got := range map[string][]byte{
		"0104":                       pinuv.BioEnrollmentMessage(1, ctap.EnumerateEnrollments, nil),
		"0102a10102":                 pinuv.BioEnrollmentMessage(1, ctap.EnrollCaptureNextSample, params),
		"02":                         pinuv.CredentialManagementMessage(ctap.EnumerateRPsBegin, nil),
		"06a10102":                   pinuv.CredentialManagementMessage(ctap.DeleteCredential, params),
		prefix + "0d02":              pinuv.ConfigMessage(ctap.ToggleAlwaysUv, nil),
		prefix + "0d03" + "a10102":   pinuv.ConfigMessage(ctap.SetMinPINLength, params),
		prefix + "0c00" + "c0030000": pinuv.LargeBlobMessage(960, nil)[:38],
	} {
		assert.Equal(t, want, hex.EncodeToString(got))
	}
	// SHA-256 of "abc" is FIPS 180-4's own example.
	assert.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		hex.EncodeToString(pinuv.LargeBlobMessage(0, []byte("abc"))[38:]))
}

// TestMessagesAreTheirOwn: what one caller appends does not reach another.
func TestMessagesAreTheirOwn(t *testing.T) {
	t.Parallel()
	first := append(pinuv.ConfigMessage(ctap.ToggleAlwaysUv, nil), 1, 2, 3)
	second := pinuv.ConfigMessage(ctap.EnableEnterpriseAttestation, nil)
	assert.Equal(t, byte(ctap.ToggleAlwaysUv), first[33])
	assert.Equal(t, byte(ctap.EnableEnterpriseAttestation), second[33])
}

func secretOf(t testing.TB, p pinuv.Protocol) pinuv.Secret {
	t.Helper()
	s, err := authenticatorKey(t).Decapsulate(p, platformKey(t).Public())
	require.NoError(t, err)
	return s
}
