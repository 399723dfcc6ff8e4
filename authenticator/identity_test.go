package authenticator_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

// reveal decrypts encIdentifier or encCredStoreState as a platform does that
// holds the persistent token (CTAP 2.3 §6.4).
func reveal(t *testing.T, token []byte, purpose string, encrypted []byte) []byte {
	t.Helper()
	require.Len(t, encrypted, 32)
	key, err := hkdf.Key(sha256.New, token, make([]byte, 32), purpose, 16)
	require.NoError(t, err)
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	plain := make([]byte, 16)
	cipher.NewCBCDecrypter(block, encrypted[:16]).CryptBlocks(plain, encrypted[16:])
	return plain
}
