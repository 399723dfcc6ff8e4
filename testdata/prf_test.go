package testdata_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
)

func prfVectors(t *testing.T) []testdata.PRFVector {
	t.Helper()
	all, err := testdata.PRFVectors()
	require.NoError(t, err)
	require.Len(t, all, 3)
	return all
}

// prfSeed is what all randomness of the prf vectors is derived from.
const prfSeed = "WebAuthn PRF test vectors"

func prfRandom(number byte) []byte {
	sum := sha256.Sum256(append([]byte(prfSeed), number))
	return sum[:]
}

func TestPRFRandomnessIsDerived(t *testing.T) {
	t.Parallel()
	for _, v := range prfVectors(t) {
		assert.Equal(t, []byte(prfSeed+"\x02"), v.First, v.Name)
		assert.Equal(t, prfRandom(4), v.PlatformKey, v.Name)
		assert.Equal(t, prfRandom(5), v.AuthenticatorKey, v.Name)
		assert.Equal(t, prfRandom(6), v.CredRandom, v.Name)
		saltIV, outputIV := byte(7), byte(9)
		if v.Second != nil {
			assert.Equal(t, []byte(prfSeed+"\x03"), v.Second, v.Name)
			saltIV, outputIV = 8, 10
		}
		if v.Protocol == 2 {
			assert.Equal(t, prfRandom(saltIV)[:16], v.SaltIV, v.Name)
			assert.Equal(t, prfRandom(outputIV)[:16], v.OutputIV, v.Name)
		}
	}
}

// pinProtocol is the part of a PIN/UV auth protocol that hmac-secret uses
// (CTAP 2.3 §6.5.6, §6.5.7).
type pinProtocol struct {
	secret func(*testing.T, []byte) []byte // of the x-coordinate that was agreed on
	aesKey func(secret []byte) []byte
}

var pinProtocols = map[int]pinProtocol{
	1: {
		func(_ *testing.T, z []byte) []byte { sum := sha256.Sum256(z); return sum[:] },
		func(secret []byte) []byte { return secret },
	},
	2: {
		func(t *testing.T, z []byte) []byte {
			return slices.Concat(expand(t, z, "CTAP2 HMAC key"), expand(t, z, "CTAP2 AES key"))
		},
		func(secret []byte) []byte { return secret[32:] },
	},
}

func expand(t *testing.T, z []byte, info string) []byte {
	t.Helper()
	key, err := hkdf.Key(sha256.New, z, make([]byte, 32), info, 32)
	require.NoError(t, err)
	return key
}

// encrypt is AES-256-CBC; protocol 1 has no IV and sends none.
func (p pinProtocol) encrypt(t *testing.T, secret, iv, plain []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(p.aesKey(secret))
	require.NoError(t, err)
	start := make([]byte, aes.BlockSize)
	copy(start, iv)
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, start).CryptBlocks(out, plain)
	return append(slices.Clone(iv), out...)
}

// Every value on the way from the page's inputs to its results follows from the
// one before.
func TestPRFVectors(t *testing.T) {
	t.Parallel()
	for _, v := range prfVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			protocol := pinProtocols[v.Protocol]
			assert.Equal(t, protocol.secret(t, agreed(t, &v)), v.SharedSecret)

			assert.Equal(t, salt(v.First), v.Salt1)
			assert.Equal(t, mac(v.CredRandom, v.Salt1), v.Output1)
			assert.Equal(t, v.Output1, v.ResultFirst)
			if v.Second != nil {
				assert.Equal(t, salt(v.Second), v.Salt2)
				assert.Equal(t, mac(v.CredRandom, v.Salt2), v.Output2)
				assert.Equal(t, v.Output2, v.ResultSecond)
			}
			assert.Equal(t, protocol.encrypt(t, v.SharedSecret, v.SaltIV, slices.Concat(v.Salt1, v.Salt2)), v.SaltEnc)
			assert.Equal(t, protocol.encrypt(t, v.SharedSecret, v.OutputIV, slices.Concat(v.Output1, v.Output2)), v.OutputEnc)
		})
	}
}

// agreed is the x-coordinate of the point that both sides compute.
func agreed(t *testing.T, v *testdata.PRFVector) []byte {
	t.Helper()
	platform, err := ecdh.P256().NewPrivateKey(v.PlatformKey)
	require.NoError(t, err)
	authenticator, err := ecdh.P256().NewPrivateKey(v.AuthenticatorKey)
	require.NoError(t, err)
	assert.Equal(t, slices.Concat([]byte{4}, v.AuthenticatorX, v.AuthenticatorY), authenticator.PublicKey().Bytes())
	z, err := platform.ECDH(authenticator.PublicKey())
	require.NoError(t, err)
	return z
}

// salt is what the client makes of an input of the page (WebAuthn L3 §10.1.4).
func salt(input []byte) []byte {
	sum := sha256.Sum256(append([]byte("WebAuthn PRF\x00"), input...))
	return sum[:]
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}
