package socket

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport"
)

// busy is a device that is at every request for a second.
type busy struct{}

func (busy) Exchange(_ context.Context, request []byte) ([]byte, error) {
	<-time.After(time.Second)
	return request, nil
}

// On a stream too a keepalive comes every 100 ms (CTAP 2.3 §11.2.9.1.7).
func TestKeepalivesOnAStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		device, err := transport.NewHIDServer(busy{})
		require.NoError(t, err)
		defer device.Close()
		client, server := net.Pipe()
		served := make(chan struct{})
		go func() {
			serveStream(t.Context(), server, device)
			close(served)
		}()
		say := func(bytes ...byte) {
			_, err := client.Write(appendFrame(nil, append(bytes, make([]byte, 64-len(bytes))...)))
			require.NoError(t, err)
		}
		say(0xff, 0xff, 0xff, 0xff, 0x86, 0, 8)
		_, err = readReport(client, 64)
		require.NoError(t, err)
		start := time.Now()
		say(0, 0, 0, 1, 0x90, 0, 1, 4)
		for n := 1; ; n++ {
			report, err := readReport(client, 64)
			require.NoError(t, err)
			if report[4] == 0x90 {
				break
			}
			require.Equal(t, []byte{0xbb, 0, 1, 1}, report[4:8])
			require.Equal(t, time.Duration(n)*100*time.Millisecond, time.Since(start))
		}
		assert.Equal(t, time.Second, time.Since(start))
		require.NoError(t, client.Close())
		<-served
	})
}
