package hybrid

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The last number that a message may have is used, and none after it.
func TestKeysAreUsedUp(t *testing.T) {
	t.Parallel()
	one, other := NewSession([32]byte{1}, [32]byte{2}, [32]byte{}), NewSession([32]byte{2}, [32]byte{1}, [32]byte{})
	one.sent, other.arrived = maxCounter, maxCounter
	sealed, err := one.Seal([]byte("last"))
	require.NoError(t, err)
	opened, err := other.Open(sealed)
	require.NoError(t, err)
	assert.Equal(t, "last", string(opened))
	_, err = one.Seal(nil)
	require.ErrorIs(t, err, ErrUsedUp)
	_, err = other.Open(sealed)
	require.ErrorIs(t, err, ErrUsedUp)
	_, err = other.Seal(nil)
	require.NoError(t, err, "the other direction has a counter of its own")
}

// What others pad in other ways is read by its last byte alone.
func TestForeignPadding(t *testing.T) {
	t.Parallel()
	for padded, want := range map[string]string{"text\x00": "text", "text\x01\x01": "text", "\x00": "", "\x00\x00\x02": "", "abc\x03": ""} {
		got, err := unpad([]byte(padded))
		require.NoError(t, err, "%q", padded)
		assert.Equal(t, want, string(got), "%q", padded)
	}
	for _, bad := range []string{"", "\x01", "ab\x03", "\x00\x00\xff"} {
		_, err := unpad([]byte(bad))
		assert.ErrorIs(t, err, ErrMessage, "%q", bad)
	}
}
