package target_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/transport/target"
)

// serve serves a security key until the test ends.
func serve(t *testing.T, at string) (address string) {
	t.Helper()
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(device)
	require.NoError(t, err)
	listener, err := socket.Listen(at)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- listener.Serve(ctx, server) }()
	t.Cleanup(func() {
		cancel()
		server.Close()
		assert.NoError(t, <-ended)
	})
	return listener.Address()
}

func TestOpening(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"unix:" + filepath.Join(t.TempDir(), "key"), "tcp:127.0.0.1:0", "udp:127.0.0.1:0"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		device, err := target.Open(ctx, serve(t, at))
		require.NoError(t, err)
		info, err := ctap.Call(ctx, device, new(ctap.GetInfoRequest))
		require.NoError(t, err)
		assert.Contains(t, info.Versions, ctap.VersionFIDO23)
		version, err := u2f.Call(ctx, device, new(u2f.VersionRequest))
		require.NoError(t, err)
		assert.Equal(t, u2f.V2, version.Version)
		require.NoError(t, device.Close())
	}
}

func TestNamesOfNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "key", "usb:1", "unix", "unix:", "hidraw:", "pcsc"} {
		device, err := target.Open(t.Context(), name)
		require.ErrorContains(t, err, "give it as hidraw:PATH, pcsc:READER, tcp:HOST:PORT, udp:HOST:PORT, unix:PATH", name)
		assert.Nil(t, device)
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, name := range []string{"unix:" + none, "hidraw:" + none} {
		device, err := target.Open(t.Context(), name)
		require.ErrorContains(t, err, name)
		assert.Nil(t, device, "and no client that is nil")
	}
}
