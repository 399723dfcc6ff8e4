package tunnel_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/labcert"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

func TestListen(t *testing.T) {
	t.Parallel()
	taken, err := tunnel.Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = tunnel.Listen(taken.Addr().String())
	require.ErrorContains(t, err, "address already in use")
	for _, at := range []string{"0.0.0.0:0", ":0", "198.51.100.1:0", "example.com:0"} {
		_, err := tunnel.Listen(at)
		require.ErrorIs(t, err, tunnel.ErrNotLocal, at)
	}
	_, err = tunnel.Listen("127.0.0.1")
	require.ErrorContains(t, err, "HOST:PORT")
	l, err := tunnel.Listen("localhost:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	l, err = tunnel.ListenAnywhere("0.0.0.0:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

// A client that believes in the lab's root reaches a tunnel under the domain of a
// real service.
func TestServeOverTLS(t *testing.T) {
	t.Parallel()
	host := hybrid.DomainGoogle.Host()
	authority, err := labcert.NewAuthority(time.Now(), host)
	require.NoError(t, err)
	cert, err := authority.Issue(time.Now(), host)
	require.NoError(t, err)
	server, err := tunnel.New(tunnel.Config{Random: rand.Reader})
	require.NoError(t, err)
	l, err := tunnel.Listen("127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- server.Serve(ctx, l, &tls.Config{Certificates: []tls.Certificate{cert.TLS}}) }()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, l.Addr().String())
		},
		TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), NextProtos: []string{"h2", "http/1.1"}},
	}}
	phone, response, err := websocket.Dial(t.Context(), "wss://"+host+hybrid.NewTunnelPath(someID), &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{hybrid.Subprotocol}})
	require.NoError(t, err)
	assert.NotEmpty(t, response.Header.Get(hybrid.RoutingHeader))
	cancel()
	assert.Equal(t, hybrid.CloseLost, closingOf(phone))
	require.NoError(t, <-served)
}

// closingOf reads until a WebSocket closes, and returns the code.
func closingOf(conn *websocket.Conn) hybrid.CloseCode {
	_, _, err := conn.Read(context.Background())
	return hybrid.CloseCode(websocket.CloseStatus(err))
}

func TestServeReportsABrokenListener(t *testing.T) {
	t.Parallel()
	server, err := tunnel.New(tunnel.Config{Random: strings.NewReader("")})
	require.NoError(t, err)
	l, err := tunnel.Listen("127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	require.ErrorIs(t, server.Serve(t.Context(), l, nil), net.ErrClosed)
}
