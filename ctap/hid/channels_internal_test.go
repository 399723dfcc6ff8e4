package hid

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Numbers start again where they end, and pass over what is in use.
func TestChannelNumbersWrapAround(t *testing.T) {
	t.Parallel()
	c := channels{limit: 10, used: map[Channel]uint64{1: 1}, last: Broadcast - 2}
	for _, want := range []Channel{Broadcast - 1, 2, 3} {
		got, ok := c.allocate(0)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
}

// A new channel counts as used when it is given out.
func TestNewChannelsAreYoung(t *testing.T) {
	t.Parallel()
	c := channels{limit: 3, used: map[Channel]uint64{}}
	for range 6 {
		_, ok := c.allocate(0)
		assert.True(t, ok)
	}
	assert.True(t, c.has(4) && c.has(5) && c.has(6))
}
