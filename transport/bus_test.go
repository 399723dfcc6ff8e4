package transport_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport"
)

// opened is the first report of a client that asks for a channel.
var opened = append([]byte{0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, 57)...)

// A wire that takes no more loses what it has no room for, and can be closed.
func TestAWireThatIsStuck(t *testing.T) {
	t.Parallel()
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		written, stuck := 0, make(chan struct{})
		b, err := s.OpenBus(func([]byte) error {
			written++
			<-stuck
			return nil
		})
		require.NoError(t, err)
		for range 5000 {
			b.Report(opened)
		}
		synctest.Wait()
		closed := make(chan struct{})
		go func() {
			b.Close()
			close(closed)
		}()
		synctest.Wait()
		close(stuck)
		<-closed
		assert.Equal(t, 1, written, "what waited is lost")
		plug(t, s).say(t, opening)
	})
}

// Closing does not wait for reports that the writer takes at that moment.
func TestClosingAWireInUse(t *testing.T) {
	t.Parallel()
	s, err := transport.NewHIDServer(echo)
	require.NoError(t, err)
	defer s.Close()
	for range 2000 {
		b, err := s.OpenBus(func([]byte) error { return nil })
		require.NoError(t, err)
		for range 20 {
			b.Report(opened)
		}
		b.Close()
	}
}
