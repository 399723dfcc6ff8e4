package socket_test

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// served is a security key at a socket.
type served struct {
	address string
	user    *authenticator.ScriptedUser
	stop    func() error // stops serving, and returns what Serve did
}

// networks runs a test over each kind of socket.
func networks(t *testing.T, test func(*testing.T, *served)) {
	t.Helper()
	addresses(t, func(t *testing.T, at string) { test(t, serve(t, at)) })
}

// addresses runs a test with an address of each kind.
func addresses(t *testing.T, test func(t *testing.T, at string)) {
	t.Helper()
	for _, network := range []string{"unix", "tcp", "udp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			at := network + ":127.0.0.1:0"
			if network == "unix" {
				at = "unix:" + filepath.Join(t.TempDir(), "key")
			}
			test(t, at)
		})
	}
}

func serve(t *testing.T, at string, options ...transport.HIDOption) *served {
	t.Helper()
	return serveModel(t, authenticator.SecurityKey(), at, options...)
}

func serveModel(t *testing.T, model authenticator.Model, at string, options ...transport.HIDOption) *served {
	t.Helper()
	user := new(authenticator.ScriptedUser)
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(user), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(device, options...)
	require.NoError(t, err)
	listener, err := socket.Listen(at)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- listener.Serve(ctx, server) }()
	stop := sync.OnceValue(func() error {
		cancel()
		server.Close()
		return <-ended
	})
	t.Cleanup(func() { assert.NoError(t, stop()) })
	return &served{listener.Address(), user, stop}
}

// bounded is the context of what must not take long.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func (s *served) dial(t *testing.T) *transport.HIDClient {
	t.Helper()
	c, err := socket.Dial(bounded(t), s.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// raw is a connection on which reports are laid out by hand.
type raw struct {
	net.Conn
	stream bool
}

func (s *served) raw(t *testing.T) *raw {
	t.Helper()
	network, at, _ := strings.Cut(s.address, ":")
	conn, err := net.Dial(network, at)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	return &raw{conn, network != "udp"}
}

// send sends a report that begins with some bytes.
func (r *raw) send(bytes ...byte) error {
	report := append(bytes, make([]byte, 64-len(bytes))...)
	if r.stream {
		report = append([]byte{0, 64}, report...)
	}
	_, err := r.Write(report)
	return err
}

func (r *raw) receive(t *testing.T) []byte {
	t.Helper()
	if r.stream {
		frame := make([]byte, 66)
		_, err := io.ReadFull(r, frame)
		require.NoError(t, err)
		require.Equal(t, []byte{0, 64}, frame[:2])
		return frame[2:]
	}
	report := make([]byte, 100)
	n, err := r.Read(report)
	require.NoError(t, err)
	return report[:n]
}

// open asks for a channel and returns it.
func (r *raw) open(t *testing.T) []byte {
	t.Helper()
	require.NoError(t, r.send(0xff, 0xff, 0xff, 0xff, 0x86, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8))
	return r.receive(t)[15:19]
}

func works(t *testing.T, c *transport.HIDClient) {
	t.Helper()
	_, err := ctap.Call(bounded(t), c, &ctap.GetInfoRequest{})
	require.NoError(t, err)
	long := make([]byte, hid.Capacity(64))
	long[7000] = 7
	answer, err := c.Ping(bounded(t), long)
	require.NoError(t, err)
	require.Equal(t, long, answer)
}
