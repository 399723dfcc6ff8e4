package socket

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport"
)

// echo is a device that answers with what it was asked.
type echo struct{}

func (echo) Exchange(_ context.Context, request []byte) ([]byte, error) { return request, nil }

// Any bytes on a stream are reports, or end the connection.
func FuzzStream(f *testing.F) {
	open := append([]byte{0, 64, 0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, 57)...)
	f.Add(open)
	f.Add(append(bytes.Clone(open), append([]byte{0, 64, 0, 0, 0, 1, 0x90, 0, 1, 4}, make([]byte, 56)...)...))
	f.Add([]byte{0, 65, 1})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		device, err := transport.NewHIDServer(echo{})
		require.NoError(t, err)
		defer device.Close()
		client, server := net.Pipe()
		served := make(chan struct{})
		go func() {
			serveStream(t.Context(), server, device)
			close(served)
		}()
		go func() {
			for {
				report, err := readReport(client, 64)
				if err != nil {
					return
				}
				if len(report) != 64 {
					t.Errorf("a report of %d bytes", len(report))
				}
			}
		}()
		_, _ = client.Write(bytes)
		_ = client.Close()
		<-served
	})
}

func TestTheLongestPath(t *testing.T) {
	t.Parallel()
	_, err := parseAddress("unix:" + strings.Repeat("x", maxPath))
	require.NoError(t, err)
}

func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"unix:/tmp/key", "tcp:127.0.0.1:0", "udp:[::1]:8111", "tcp::", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := parseAddress(s); err == nil {
			require.Equal(t, s, a.String())
		}
	})
}
