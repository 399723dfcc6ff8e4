package socket_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// BenchmarkGetInfo is a getInfo and its answer: within the process, and through
// CTAPHID and a socket.
func BenchmarkGetInfo(b *testing.B) {
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1),
	})
	require.NoError(b, err)
	server, err := transport.NewHIDServer(device)
	require.NoError(b, err)
	defer server.Close()
	b.Run("in process", func(b *testing.B) { askAll(b, device) })
	for _, at := range []string{"unix:" + filepath.Join(b.TempDir(), "key"), "tcp:127.0.0.1:0", "udp:127.0.0.1:0"} {
		network, _, _ := strings.Cut(at, ":")
		b.Run(network, func(b *testing.B) {
			listener, err := socket.Listen(at)
			require.NoError(b, err)
			served := make(chan error, 1)
			go func() { served <- listener.Serve(b.Context(), server) }()
			defer func() { require.NoError(b, <-served) }()
			defer listener.Close()
			client, err := socket.Dial(b.Context(), listener.Address())
			require.NoError(b, err)
			defer client.Close()
			askAll(b, client)
		})
	}
}

func askAll(b *testing.B, of ctap.Transport) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		answer, err := of.Exchange(b.Context(), []byte{byte(ctap.CommandGetInfo)})
		if err != nil || answer[0] != byte(ctap.OK) {
			b.Fatal(answer, err)
		}
	}
}
