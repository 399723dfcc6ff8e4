package authenticator

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSupply(t *testing.T) {
	t.Parallel()
	var s supply
	during, disconnect := s.connect(t.Context())
	s.cut()
	assert.ErrorIs(t, context.Cause(during), ErrPowerCut, "a prompt in progress ends")
	disconnect()
	late, disconnect := s.connect(t.Context())
	assert.ErrorIs(t, context.Cause(late), ErrPowerCut, "one that begins meanwhile ends at once")
	disconnect()
	s.restore()
	after, disconnect := s.connect(t.Context())
	assert.NoError(t, after.Err())
	disconnect()
	assert.NotErrorIs(t, context.Cause(after), ErrPowerCut)
}
