package transport_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport"
)

// Everything here runs in a bubble of package synctest, in which time moves only
// when all wait for it.

// exchanger is a device that is a function.
type exchanger func(ctx context.Context, request []byte) ([]byte, error)

func (e exchanger) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	return e(ctx, request)
}

// echo is a device that answers with what it was asked.
var echo = exchanger(func(_ context.Context, request []byte) ([]byte, error) { return request, nil })

// stuck is a device that waits until it is told to give up.
var stuck = exchanger(func(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
})

// wire is a link to a server in the same process.
type wire struct {
	server *transport.HIDServer
	port   *transport.HIDPort
	in     chan []byte
	closed chan struct{}
	sent   int // reports of the client
}

func plug(t *testing.T, s *transport.HIDServer) *wire {
	t.Helper()
	w := &wire{server: s, in: make(chan []byte, 1000), closed: make(chan struct{})}
	port, err := s.Connect(func(report []byte) { w.in <- report })
	require.NoError(t, err)
	w.port = port
	return w
}

func (w *wire) Send(report []byte) error {
	w.sent++
	w.port.Report(report)
	return nil
}

func (w *wire) Receive() ([]byte, error) {
	select {
	case report := <-w.in:
		return report, nil
	case <-w.closed:
		return nil, io.EOF
	}
}

func (w *wire) Close() error {
	w.port.Close()
	close(w.closed)
	return nil
}

// say sends a report given in hex, without its padding.
func (w *wire) say(t *testing.T, report string) {
	t.Helper()
	raw, err := hex.DecodeString(report)
	require.NoError(t, err)
	require.NoError(t, w.Send(append(raw, make([]byte, 64-len(raw))...)))
}

// heard is a report that came, as hex, without what follows the first bytes, and
// when it came.
type heard struct {
	after  time.Duration
	report string
}

// listen returns what comes in a time, the first bytes of each.
func (w *wire) listen(d time.Duration, bytes int) []heard {
	var all []heard
	start := time.Now()
	for {
		synctest.Wait()
		for len(w.in) > 0 {
			all = append(all, heard{time.Since(start), hex.EncodeToString((<-w.in)[:bytes])})
		}
		if time.Since(start) >= d {
			return all
		}
		<-time.After(ms)
	}
}

// serve runs a test at a device behind CTAPHID.
func serve(t *testing.T, device interface {
	Exchange(context.Context, []byte) ([]byte, error)
}, test func(*testing.T, *transport.HIDServer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, err := transport.NewHIDServer(device)
		require.NoError(t, err)
		defer server.Close()
		test(t, server)
	})
}

// open returns a client of a server.
func open(t *testing.T, s *transport.HIDServer) *transport.HIDClient {
	t.Helper()
	c, err := transport.OpenHID(t.Context(), plug(t, s), rand.Reader)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}
