package tunnel_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/labcert"
	"github.com/passkeylab/passkeylab/internal/laps"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// Budgets.
const (
	idleTunnels = 1000
	idleBudget  = 100e6 // bytes, for all of them
	addedBudget = time.Millisecond
)

// hosted serves tunnels over TCP and TLS and returns where, and what clients
// believe in.
func hosted(b *testing.B) (address string, client *tls.Config) {
	b.Helper()
	authority, err := labcert.NewAuthority(time.Now())
	require.NoError(b, err)
	cert, err := authority.Issue(time.Now())
	require.NoError(b, err)
	server, err := tunnel.New(tunnel.Config{Random: rand.Reader, Limits: tunnel.Limits{Messages: math.MaxInt32}})
	require.NoError(b, err)
	l, err := tunnel.Listen("127.0.0.1:0")
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- server.Serve(ctx, l, &tls.Config{Certificates: []tls.Certificate{cert.TLS}}) }()
	b.Cleanup(func() {
		cancel()
		assert.NoError(b, <-served)
	})
	return l.Addr().String(), &tls.Config{RootCAs: authority.Pool(), ServerName: "localhost"}
}

// shake opens a WebSocket on a bare connection and returns its routing ID. It
// keeps nothing but the connection.
func shake(b *testing.B, address, path string, config *tls.Config) (net.Conn, string) {
	b.Helper()
	conn, err := tls.Dial("tcp", address, config)
	require.NoError(b, err)
	require.NoError(b, newRequest("https://localhost"+path).Write(conn))
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	require.NoError(b, err)
	require.Equal(b, http.StatusSwitchingProtocols, response.StatusCode)
	return conn, response.Header.Get(hybrid.RoutingHeader)
}

// inUse is the memory of heap and stacks after a collection, in bytes.
func inUse() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the second returns what pools held
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}

// BenchmarkIdleTunnels reports what 1,000 joined tunnels over TLS keep while
// nothing is said. Both ends of each connection are counted, as both are in this
// process.
func BenchmarkIdleTunnels(b *testing.B) {
	for b.Loop() {
		address, config := hosted(b)
		conns := make([]net.Conn, 0, 2*idleTunnels)
		before := inUse()
		for i := range uint64(idleTunnels) {
			var id hybrid.TunnelID
			binary.BigEndian.PutUint64(id[:], i)
			phone, routing := shake(b, address, hybrid.NewTunnelPath(id), config)
			computer, _ := shake(b, address, "/cable/connect/"+routing+"/"+id.String(), config)
			conns = append(conns, phone, computer)
		}
		used := inUse() - before
		b.ReportMetric(used/1e6, "MB/1000-tunnels")
		b.ReportMetric(used/idleTunnels, "B/tunnel")
		assert.Less(b, used, float64(idleBudget))
		for _, conn := range conns {
			require.NoError(b, conn.Close())
		}
	}
}

// BenchmarkForward reports how much longer a message of 256 bytes takes there and
// back through a tunnel to a side that echoes it, than to a WebSocket that echoes
// it: two messages forwarded. Both go over TLS, and take turns.
func BenchmarkForward(b *testing.B) {
	address, config := hosted(b)
	echo := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			answer(conn)
		}
	}))
	defer echo.Close()
	direct, _ := dialTLS(b, echo.URL, echo.Client().Transport.(*http.Transport).TLSClientConfig)
	phone, header := dialTLS(b, "https://"+address+hybrid.NewTunnelPath(someID), config)
	go answer(phone)
	through, _ := dialTLS(b, "https://"+address+hybrid.ConnectPath+header.Get(hybrid.RoutingHeader)+"/"+someID.String(), config)

	message := pattern(256)
	var plain, forwarded laps.Laps
	for b.Loop() {
		plain.Time(func() { roundTrip(b, direct, message) })
		forwarded.Time(func() { roundTrip(b, through, message) })
	}
	added := (forwarded.Median() - plain.Median()) / 2
	b.ReportMetric(plain.Milliseconds()*1e3, "direct-µs")
	b.ReportMetric(forwarded.Milliseconds()*1e3, "through-µs")
	b.ReportMetric(float64(added.Nanoseconds())/1e3, "added-µs/message")
	assert.Less(b, added, addedBudget)
}

func dialTLS(b *testing.B, url string, config *tls.Config) (*websocket.Conn, http.Header) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	conn, response, err := websocket.Dial(context.Background(), url, &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{hybrid.Subprotocol}})
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.CloseNow() })
	return conn, response.Header
}

// answer sends back what comes, until the end.
func answer(conn *websocket.Conn) {
	for {
		kind, message, err := conn.Read(context.Background())
		if err != nil || conn.Write(context.Background(), kind, message) != nil {
			return
		}
	}
}

func roundTrip(b *testing.B, conn *websocket.Conn, message []byte) {
	require.NoError(b, conn.Write(context.Background(), websocket.MessageBinary, message))
	_, _, err := conn.Read(context.Background())
	require.NoError(b, err)
}
