package occasion_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/internal/occasion"
)

// Each function counts by itself.
func TestNth(t *testing.T) {
	t.Parallel()
	counter := occasion.Nth(2)
	for range 2 {
		due := counter()
		assert.Equal(t, []bool{false, true, false}, []bool{due(), due(), due()})
	}
}

// What is drawn decides: half of the range is below one half, and the least is not below
// nothing.
func TestShare(t *testing.T) {
	t.Parallel()
	low, high := append([]byte{0x7F}, bytes.Repeat([]byte{0xFF}, 7)...), append([]byte{0x80}, make([]byte, 7)...)
	due := occasion.Share(0.5, bytes.NewReader(append(low, high...)))()
	assert.True(t, due())
	assert.False(t, due())
	assert.False(t, due(), "nothing is left to draw")
	assert.False(t, occasion.Share(0, bytes.NewReader(make([]byte, 8)))()())
	assert.True(t, occasion.Share(1, bytes.NewReader(bytes.Repeat([]byte{0xFF}, 8)))()())
	assert.False(t, occasion.Share(1, strings.NewReader("short"))()())
}

// All functions of one share draw from one stream.
func TestShareIsOfAllTogether(t *testing.T) {
	t.Parallel()
	drawer := occasion.Share(0.5, bytes.NewReader(append(make([]byte, 8), bytes.Repeat([]byte{0xFF}, 8)...)))
	assert.True(t, drawer()())
	assert.False(t, drawer()())
}
