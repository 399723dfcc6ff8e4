package tunnel_test

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// pipes is a network within the process: what is dialled is accepted. Nothing is
// buffered, so a side that does not read holds its writer up at once.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    sync.Once
}

func newPipes() *pipes {
	return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.accepted <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// rig is a server on a network of pipes, and a client of it.
type rig struct {
	t testing.TB
	*tunnel.Server
	network *pipes
	http    *http.Client
	stop    context.CancelFunc
}

func newRig(t testing.TB, limits tunnel.Limits) *rig {
	t.Helper()
	server, err := tunnel.New(tunnel.Config{Limits: limits, Random: rand.Reader})
	require.NoError(t, err)
	network := newPipes()
	transport := &http.Transport{DialContext: network.dial}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- server.Serve(ctx, network, nil) }()
	return &rig{t: t, Server: server, network: network, http: &http.Client{Transport: transport}, stop: sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-served)
		transport.CloseIdleConnections()
	})}
}

// inBubble runs a test at a server in a bubble of package synctest, in which time
// moves only when all wait for it.
func inBubble(t *testing.T, limits tunnel.Limits, test func(*testing.T, *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, limits)
		defer r.stop()
		test(t, r)
	})
}

// dial asks for a WebSocket. Headers come in pairs of name and value.
func (r *rig) dial(path string, headers ...string) (*websocket.Conn, *http.Response, error) {
	r.t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	conn, response, err := websocket.Dial(r.t.Context(), "ws://cable.acme.test"+path, &websocket.DialOptions{
		HTTPClient: r.http, HTTPHeader: h, Subprotocols: []string{"other", hybrid.Subprotocol},
	})
	if err == nil {
		conn.SetReadLimit(-1)
		r.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, response, err
}

// open is [rig.dial] that goes well.
func (r *rig) open(path string, headers ...string) (*websocket.Conn, http.Header) {
	r.t.Helper()
	conn, response, err := r.dial(path, headers...)
	require.NoError(r.t, err)
	require.Equal(r.t, hybrid.Subprotocol, conn.Subprotocol())
	return conn, response.Header
}

// refused returns the status with which a WebSocket is refused.
func (r *rig) refused(path string, headers ...string) int {
	r.t.Helper()
	_, response, err := r.dial(path, headers...)
	require.Error(r.t, err)
	require.NotNil(r.t, response, "%v", err)
	return response.StatusCode
}

// newTunnel opens a tunnel and returns the authenticator's side and its routing ID.
func (r *rig) newTunnel(id hybrid.TunnelID) (*websocket.Conn, hybrid.RoutingID) {
	r.t.Helper()
	conn, header := r.open(hybrid.NewTunnelPath(id))
	routing, err := hybrid.ParseRoutingID(header.Get(hybrid.RoutingHeader))
	require.NoError(r.t, err)
	return conn, routing
}

// pair opens a tunnel and joins it.
func (r *rig) pair(id hybrid.TunnelID) (phone, computer *websocket.Conn) {
	r.t.Helper()
	phone, routing := r.newTunnel(id)
	computer, _ = r.open(hybrid.ConnectTunnelPath(routing, id))
	return phone, computer
}

// send sends a message from beside.
func send(t testing.TB, conn *websocket.Conn, message []byte) {
	t.Helper()
	go func() { _ = conn.Write(context.Background(), websocket.MessageBinary, message) }()
}

// heard returns the next message.
func heard(t testing.TB, conn *websocket.Conn) []byte {
	t.Helper()
	kind, message, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, websocket.MessageBinary, kind)
	return message
}

// closing waits for a WebSocket to be closed, and returns the code, -1 for none.
func closing(t testing.TB, conn *websocket.Conn) hybrid.CloseCode {
	t.Helper()
	for {
		if _, _, err := conn.Read(t.Context()); err != nil {
			return hybrid.CloseCode(websocket.CloseStatus(err))
		}
	}
}

// pattern is a message in which every byte tells where it belongs.
func pattern(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i>>8)
	}
	return out
}
