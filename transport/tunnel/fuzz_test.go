package tunnel_test

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// Whatever is asked for is refused or becomes a WebSocket, and nothing is left of
// it. A recorder has no connection, so a request that is good comes as far as the
// upgrade, which is answered with 501.
func FuzzHTTP(f *testing.F) {
	id := someID.String()
	f.Add("GET", "/cable/new/"+id, "", "fido.cable")
	f.Add("GET", "/cable/connect/ABCDEF/"+id, "", "fido.cable, other")
	f.Add("GET", "/cable/contact/AAAA", payload.Header(), "fido.cable")
	f.Add("GET", "/cable/listen/AAAA", "", "fido.cable")
	f.Add("DELETE", "/cable/listen/AAAA", "", "")
	f.Add("GET", "/cable/../cable//new/%2e%2e", "00", "")
	f.Fuzz(func(t *testing.T, method, path, payload, subprotocol string) {
		server, err := tunnel.New(tunnel.Config{Random: rand.Reader})
		require.NoError(t, err)
		defer server.Close()
		request := newRequest("/")
		request.Method, request.URL.Path = method, path
		request.Header.Set(hybrid.PayloadHeader, payload)
		request.Header.Set("Sec-WebSocket-Protocol", subprotocol)
		for range 2 { // the second finds nothing of the first
			recorder := newRecorder()
			server.ServeHTTP(recorder, request.Clone(t.Context()))
			require.Contains(t, []int{
				http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest, http.StatusNotFound,
				http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented,
			}, recorder.Code)
		}
	})
}

// Whatever is sent on a WebSocket, the tunnel ends with it, and the next one works.
func FuzzFrames(f *testing.F) {
	for _, frames := range []string{
		"82 81 00000000 01", "81 81 00000000 41", "88 80 00000000", "89 80 00000000 8a 80 00000000",
		"82 ff 00000000 00100001", "02 81 00000000 01 80 81 00000000 02", "c2 80 00000000", "82 01 00",
	} {
		f.Add(unhex(f, frames))
	}
	f.Fuzz(func(t *testing.T, frames []byte) {
		r := newRig(t, tunnel.Limits{})
		defer r.stop()
		phone := r.raw(hybrid.NewTunnelPath(someID))
		read := make(chan struct{})
		go func() {
			defer close(read)
			_, _ = io.Copy(io.Discard, phone)
		}()
		_, _ = phone.Write(frames) // it may be hung up on in between
		require.NoError(t, phone.Close())
		<-read
		for _, side := range sides(r.pair(hybrid.TunnelID{1})) {
			require.NoError(t, side.CloseNow())
		}
	})
}

func sides(phone, computer *websocket.Conn) []*websocket.Conn {
	return []*websocket.Conn{phone, computer}
}

// raw returns the connection under a WebSocket.
func (r *rig) raw(path string) net.Conn {
	r.t.Helper()
	conn, err := r.network.dial(r.t.Context(), "", "")
	require.NoError(r.t, err)
	require.NoError(r.t, conn.SetDeadline(time.Now().Add(time.Minute)))
	require.NoError(r.t, newRequest("http://cable.acme.test"+path).Write(conn))
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 1), nil)
	require.NoError(r.t, err)
	require.Equal(r.t, http.StatusSwitchingProtocols, response.StatusCode)
	return conn
}

// unhex reads hexadecimal digits with spaces between them.
func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	require.NoError(t, err)
	return b
}
