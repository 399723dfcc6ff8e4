package hybrid_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

func TestAir(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var air hybrid.Air
		_, err := air.Advertise(t.Context(), protocol.ServiceUUID, []byte("before"))
		require.NoError(t, err)
		stop, err := air.Advertise(t.Context(), protocol.ServiceUUID, []byte("over"))
		require.NoError(t, err)
		stop()
		stop()
		var heard [2][]string
		listen := func(who int, enough int) error {
			ctx, stop := context.WithCancel(t.Context())
			return air.Scan(ctx, func(data []byte) {
				heard[who] = append(heard[who], string(data))
				data[0] = 'x' // its own copy
				if len(heard[who]) == enough {
					stop()
				}
			})
		}
		done := make(chan error, 2)
		go func() { done <- listen(0, 2) }()
		go func() { done <- listen(1, 3) }()
		synctest.Wait()
		_, err = air.Advertise(t.Context(), "0000180f-0000-1000-8000-00805f9b34fb", []byte("a battery"))
		require.NoError(t, err)
		for _, text := range []string{"later", "last"} {
			_, err := air.Advertise(t.Context(), protocol.LegacyServiceUUID, []byte(text))
			require.NoError(t, err)
			synctest.Wait()
		}
		require.ErrorIs(t, <-done, context.Canceled)
		require.ErrorIs(t, <-done, context.Canceled)
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
	require.Equal(t, why, air.Scan(ctx, func([]byte) {}))
	_, err := air.Advertise(ctx, protocol.ServiceUUID, []byte("data"))
	require.ErrorIs(t, err, context.Canceled)
}
