package hybrid_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/hybrid"
)

func TestAir(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var air hybrid.Air
		_, err := air.Advertise(t.Context(), []byte("before"))
		require.NoError(t, err)
		stop, err := air.Advertise(t.Context(), []byte("over"))
		require.NoError(t, err)
		stop()
		stop()
		var heard [2][]string
		listen := func(who int, enough int) error {
			return air.Scan(t.Context(), func(data []byte) bool {
				heard[who] = append(heard[who], string(data))
				data[0] = 'x' // its own copy
				return len(heard[who]) == enough
			})
		}
		done := make(chan error, 2)
		go func() { done <- listen(0, 2) }()
		go func() { done <- listen(1, 3) }()
		synctest.Wait()
		for _, text := range []string{"later", "last"} {
			_, err := air.Advertise(t.Context(), []byte(text))
			require.NoError(t, err)
			synctest.Wait()
		}
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		assert.Equal(t, []string{"before", "later"}, heard[0])
		assert.Equal(t, []string{"before", "later", "last"}, heard[1])
	})
}

func TestAirListensNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	var air hybrid.Air
	why := errors.New("out of the house")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	require.Equal(t, why, air.Scan(ctx, func([]byte) bool { return false }))
	_, err := air.Advertise(ctx, []byte("data"))
	require.ErrorIs(t, err, context.Canceled)
}
