package pinuv

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDerive holds kdf to values that were computed from RFC 5869 alone, for z
// of 01 02 … 20.
func TestDerive(t *testing.T) {
	t.Parallel()
	z := make([]byte, 32)
	for i := range z {
		z[i] = byte(i + 1)
	}
	two, err := derive(Two, z)
	require.NoError(t, err)
	assert.Equal(t, "9eb685ea1bd795e05cbfbe28f0ef46f1b89ae3a73161c4d64d1181082e82db67", hex.EncodeToString(two.hmacKey[:]))
	assert.Equal(t, "e56b82398cbb09e2a1b546808a716befa7907d17976b72193c6f909413c73184", hex.EncodeToString(two.aesKey[:]))
	one, err := derive(One, z)
	require.NoError(t, err)
	assert.Equal(t, "ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9", hex.EncodeToString(one.hmacKey[:]))
	assert.Equal(t, one.hmacKey, one.aesKey)
	_, err = derive(3, z)
	assert.ErrorIs(t, err, errProtocol)
}
