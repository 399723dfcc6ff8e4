package authenticator

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSupply(t *testing.T) {
	t.Parallel()
	var s supply
	during := s.connect(t.Context())
	s.cut()
	assert.ErrorIs(t, context.Cause(during), ErrPowerCut, "a prompt in progress ends")
	s.disconnect(during)
	late := s.connect(t.Context())
	assert.ErrorIs(t, context.Cause(late), ErrPowerCut, "one that begins meanwhile ends at once")
	s.disconnect(late)
	s.restore()
	after := s.connect(t.Context())
	assert.NoError(t, after.Err())
	s.disconnect(after)
	assert.NotErrorIs(t, context.Cause(after), ErrPowerCut)
}
