package pinuv_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/testdata"
)

// The vectors below were made with python-fido2 2.2.1: PinProtocolV1 and
// PinProtocolV2 with the platform's scalar 01 02 … 20 in place of the one that
// encapsulate draws, an authenticator's key of scalar 21 22 … 40, and
// os.urandom returning a0 a1 … af.
const (
	authenticatorX = "1f140146bfb1b251f84f4ddbe0d4cdcfd77afd984a9520e35794021f8312bb9e"
	authenticatorY = "ec995a08b1fa7704df3dcc0b50a9665263fb7711f95f9f8a449c5096e47c892b"
	platformX      = "515c3d6eb9e396b904d3feca7f54fdcd0cc1e997bf375dca515ad0a6c3b4035f"
	platformY      = "4536be3a50f318fbf9a5475902a221502bef0d57e08c53b2cc0a56f17d9f9354"

	vectorPIN = "1234 ünï"
)

type vector struct {
	protocol      pinuv.Protocol
	newPINEnc     string // encrypt(_pad_pin(vectorPIN))
	pinHashEnc    string // encrypt(sha256(vectorPIN)[:16])
	changePIN     string // authenticate(newPINEnc + pinHashEnc)
	token         string // encrypt(40 41 … 5f)
	tokenOverHash string // authenticate with that token over 00 01 … 1f
}

var vectors = []vector{{
	protocol:      pinuv.One,
	newPINEnc:     "0090eb7a5da27f11544d9849fdfd2bc50ea782dec7798a77fc23961a6c287443615188161e78479682fb864f17c1b77fa54a1444f265ee289fabe6e4a96814aa",
	pinHashEnc:    "f6aeda7c12f4392ae114ed29ee1ea8aa",
	changePIN:     "77f996c3880f142efe71593230334a00",
	token:         "469eca23e67aec7eb0c07d6de291c126d8bebee97ea0ff705ed3e0a775e00249",
	tokenOverHash: "8dcaa3c5075c39d7951948c3dfcd807f",
}, {
	protocol:      pinuv.Two,
	newPINEnc:     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafa0f3484cc1624f6c990271e41ccd93c4a38f7fac2282cdb2e5ca1ff503afaab96edd865977091ce63c56b26ec26e5559a6f1f8fc7c965b74992fc95e80b124da",
	pinHashEnc:    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf52e2b474eab7af45bbaa73d96936cf48",
	changePIN:     "85d2207e083cd4a591a15e49357fab596caffd7a9e2c0463cda98a87ad0c7857",
	token:         "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf5d57b867a24f41102ae0751b66fbd1fb1e4db7d8a816ca42e8e979dbeceb623e",
	tokenOverHash: "8dcaa3c5075c39d7951948c3dfcd807f9a3b9738d263846e7443337f2e316d03",
}}

// TestPlatformVectors is the platform's side of setting, changing and
// presenting a PIN.
func TestPlatformVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		t.Run(v.protocol.String(), func(t *testing.T) {
			t.Parallel()
			sent, secret, err := pinuv.Encapsulate(counting(0x01, 32), v.protocol, authenticatorKey(t).Public())
			require.NoError(t, err)
			assert.Equal(t, platformX, hex.EncodeToString(sent.X))
			assert.Equal(t, platformY, hex.EncodeToString(sent.Y))
			assert.Equal(t, []int64{2, -25, 1}, []int64{sent.KeyType, sent.Algorithm, sent.Curve})

			padded, err := pinuv.PadPIN(vectorPIN)
			require.NoError(t, err)
			newPINEnc, err := secret.Encrypt(counting(0xa0, 16), padded)
			require.NoError(t, err)
			assert.Equal(t, v.newPINEnc, hex.EncodeToString(newPINEnc))
			pinHashEnc, err := secret.Encrypt(counting(0xa0, 16), pinuv.HashPIN(vectorPIN))
			require.NoError(t, err)
			assert.Equal(t, v.pinHashEnc, hex.EncodeToString(pinHashEnc))
			assert.Equal(t, v.changePIN, hex.EncodeToString(secret.Authenticate(append(newPINEnc, pinHashEnc...))))

			token, err := secret.Decrypt(unhex(t, v.token))
			require.NoError(t, err)
			assert.Equal(t, count(0x40, 32), token)
			assert.Equal(t, v.tokenOverHash, hex.EncodeToString(v.protocol.Authenticate(token, count(0, 32))))
		})
	}
}

// TestAuthenticatorVectors is the other side of the same conversation.
func TestAuthenticatorVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		t.Run(v.protocol.String(), func(t *testing.T) {
			t.Parallel()
			own := authenticatorKey(t)
			assert.Equal(t, authenticatorX, hex.EncodeToString(own.Public().X))
			assert.Equal(t, authenticatorY, hex.EncodeToString(own.Public().Y))
			secret, err := own.Decapsulate(v.protocol, platformKey(t).Public())
			require.NoError(t, err)
			assert.Equal(t, v.protocol, secret.Protocol())

			assert.True(t, secret.Verify(unhex(t, v.newPINEnc+v.pinHashEnc), unhex(t, v.changePIN)))
			padded, err := secret.Decrypt(unhex(t, v.newPINEnc))
			require.NoError(t, err)
			assert.Equal(t, vectorPIN, string(bytes.TrimRight(padded, "\x00")))
			hash, err := secret.Decrypt(unhex(t, v.pinHashEnc))
			require.NoError(t, err)
			want := sha256.Sum256([]byte(vectorPIN))
			assert.Equal(t, want[:16], hash)
			assert.True(t, v.protocol.Verify(count(0x40, 32), count(0, 32), unhex(t, v.tokenOverHash)))
		})
	}
}

func authenticatorKey(t testing.TB) *pinuv.KeyPair { return keyOf(t, 0x21) }
func platformKey(t testing.TB) *pinuv.KeyPair      { return keyOf(t, 0x01) }

// keyOf is the key whose scalar counts up from first.
func keyOf(t testing.TB, first byte) *pinuv.KeyPair {
	t.Helper()
	k, err := pinuv.NewKeyPair(counting(first, 32))
	require.NoError(t, err)
	return k
}

func counting(first byte, n int) *bytes.Reader { return bytes.NewReader(count(first, n)) }

func count(first byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = first + byte(i)
	}
	return out
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// TestPRFVectors is what WebAuthn L3 §16 shows of both sides: the salts that the
// platform encrypts, and the outputs that the authenticator does.
func TestPRFVectors(t *testing.T) {
	t.Parallel()
	all, err := testdata.PRFVectors()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			p := pinuv.Protocol(v.Protocol)
			own, err := pinuv.NewKeyPair(bytes.NewReader(v.AuthenticatorKey))
			require.NoError(t, err)
			sent, platform, err := pinuv.Encapsulate(bytes.NewReader(v.PlatformKey), p, own.Public())
			require.NoError(t, err)
			saltEnc, err := platform.Encrypt(bytes.NewReader(v.SaltIV), append(bytes.Clone(v.Salt1), v.Salt2...))
			require.NoError(t, err)
			assert.Equal(t, v.SaltEnc, saltEnc)

			authenticator, err := own.Decapsulate(p, sent)
			require.NoError(t, err)
			assert.True(t, authenticator.Verify(saltEnc, platform.Authenticate(saltEnc)))
			outputEnc, err := authenticator.Encrypt(bytes.NewReader(v.OutputIV), append(bytes.Clone(v.Output1), v.Output2...))
			require.NoError(t, err)
			assert.Equal(t, v.OutputEnc, outputEnc)
		})
	}
}
