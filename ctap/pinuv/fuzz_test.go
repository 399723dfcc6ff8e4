package pinuv_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// FuzzDecapsulate hands any coordinates to an authenticator: it agrees on a
// secret that works, or says why not.
func FuzzDecapsulate(f *testing.F) {
	good := platformKey(f).Public()
	f.Add(int64(2), int64(1), good.X, good.Y)
	f.Add(int64(2), int64(1), good.X, good.X)
	f.Add(int64(0), int64(0), []byte(nil), []byte{0})
	own := authenticatorKey(f)
	f.Fuzz(func(t *testing.T, keyType, curve int64, x, y []byte) {
		secret, err := own.Decapsulate(pinuv.Two, &ctap.KeyAgreement{KeyType: keyType, Curve: curve, X: x, Y: y})
		if err != nil {
			require.ErrorIs(t, err, pinuv.ErrKeyAgreement)
			return
		}
		require.Len(t, x, 32)
		require.Len(t, y, 32)
		assert.True(t, secret.Verify(x, secret.Authenticate(x)))
	})
}

// FuzzDecrypt: what decrypts encrypts to the same bytes again.
func FuzzDecrypt(f *testing.F) {
	for _, v := range vectors {
		f.Add(uint64(v.protocol), unhex(f, v.newPINEnc))
		f.Add(uint64(v.protocol), unhex(f, v.token))
	}
	f.Add(uint64(2), count(0, 16))
	f.Fuzz(func(t *testing.T, number uint64, ciphertext []byte) {
		p, known := pinuv.Supported(number)
		if !known {
			p = pinuv.One
		}
		secret := secretOf(t, p)
		plaintext, err := secret.Decrypt(ciphertext)
		if err != nil {
			return
		}
		require.Less(t, len(plaintext), 1025)
		// Protocol two takes its initialization vector from the front.
		again, err := secret.Encrypt(bytes.NewReader(ciphertext), plaintext)
		require.NoError(t, err)
		assert.Equal(t, string(ciphertext), string(again))
	})
}

// FuzzVerify: no signature but the one of Authenticate is good.
func FuzzVerify(f *testing.F) {
	for _, v := range vectors {
		f.Add(uint64(v.protocol), unhex(f, v.newPINEnc+v.pinHashEnc), unhex(f, v.changePIN))
		f.Add(uint64(v.protocol), count(0, 32), unhex(f, v.tokenOverHash)[:15])
	}
	f.Add(uint64(0), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, number uint64, message, signature []byte) {
		p := pinuv.Protocol(number)
		want := p.Authenticate(count(0x40, 32), message)
		_, known := pinuv.Supported(number)
		assert.Equal(t, known && string(want) == string(signature), p.Verify(count(0x40, 32), message, signature))
	})
}
