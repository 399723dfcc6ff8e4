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

type testKey struct{}

// TestPromptContext holds it to what a context of package context would do,
// whether or not somebody waits already when it ends.
func TestPromptContext(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{false, true} {
		request, withdraw := context.WithCancel(context.WithValue(t.Context(), testKey{}, "value"))
		var s supply
		connect := func() *promptContext {
			p := s.connect(request)
			if waits {
				assert.NotNil(t, p.Done())
			}
			return p
		}

		cut := connect()
		assert.Equal(t, "value", cut.Value(testKey{}))
		s.cut()
		withdraw()
		<-cut.Done()
		assert.Equal(t, context.Canceled, cut.Err())
		assert.Equal(t, ErrPowerCut, context.Cause(cut), "what came first counts, waits: %v", waits)
		s.restore()

		withdrawn := connect()
		s.cut()
		<-withdrawn.Done()
		assert.Equal(t, context.Canceled, withdrawn.Err())
		assert.Equal(t, context.Canceled, context.Cause(withdrawn), "what came first counts, waits: %v", waits)
		s.restore()
		request = t.Context()

		answered := connect()
		s.disconnect(answered)
		<-answered.Done()
		assert.Equal(t, context.Canceled, answered.Err())

		pending := connect()
		child, stop := context.WithCancel(pending)
		defer stop()
		s.cut()
		<-child.Done()
		assert.Equal(t, ErrPowerCut, context.Cause(child), "a context made of it ends with it")
		s.restore()
	}
}
