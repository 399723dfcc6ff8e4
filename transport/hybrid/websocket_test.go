package hybrid_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/labcert"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// serveTLS serves a handler under the names of tunnel domains, at an address that
// the WebSockets returned know.
func serveTLS(t testing.TB, handler http.Handler) *hybrid.WebSockets {
	t.Helper()
	cert, err := labcert.New(time.Now(), protocol.DomainGoogle.Host(), protocol.DomainApple.Host(), protocol.Domain(300).Host())
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return &hybrid.WebSockets{
		TLS:     &tls.Config{RootCAs: cert.Pool},
		Address: func(string) string { return server.Listener.Addr().String() },
	}
}

// accepting serves WebSockets.
func accepting(t testing.TB, options *websocket.AcceptOptions, serve func(context.Context, *websocket.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(protocol.RoutingHeader, "ABCDEF")
		options.InsecureSkipVerify = true // of the origin, which the test looks at
		ws, err := websocket.Accept(w, r, options)
		if !assert.NoError(t, err) {
			return
		}
		defer ws.CloseNow()
		serve(r.Context(), ws)
	})
}

func speaking() *websocket.AcceptOptions {
	return &websocket.AcceptOptions{Subprotocols: []string{protocol.Subprotocol}}
}

func TestWebSockets(t *testing.T) {
	t.Parallel()
	var asked *http.Request
	echo := accepting(t, speaking(), func(ctx context.Context, ws *websocket.Conn) {
		ws.SetReadLimit(protocol.MaxMessage)
		for {
			kind, message, err := ws.Read(ctx)
			if err != nil || ws.Write(ctx, kind, message) != nil {
				return
			}
		}
	})
	sockets := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		echo.ServeHTTP(w, r)
	}))
	header := http.Header{"X-Test": {"1"}}
	conn, answer, err := sockets.Dial(t.Context(), protocol.DomainApple, "/cable/new/AB", header)
	require.NoError(t, err)
	assert.Equal(t, "ABCDEF", answer.Get(protocol.RoutingHeader))
	assert.Equal(t, "/cable/new/AB", asked.URL.Path)
	assert.Equal(t, "cable.auth.com", asked.Host)
	assert.Equal(t, "cable.auth.com", asked.TLS.ServerName)
	assert.Equal(t, "wss://cable.auth.com", asked.Header.Get("Origin"))
	assert.Equal(t, "1", asked.Header.Get("X-Test"))
	assert.Equal(t, http.Header{"X-Test": {"1"}}, header, "it is the caller's")

	for _, size := range []int{0, 1, 81, protocol.MaxMessage} {
		require.NoError(t, conn.Send(t.Context(), make([]byte, size)))
		got, err := conn.Receive(t.Context())
		require.NoError(t, err)
		assert.Len(t, got, size)
	}
	require.ErrorIs(t, conn.Send(t.Context(), make([]byte, protocol.MaxMessage+1)), protocol.ErrTooLong)
	require.NoError(t, conn.Close(protocol.CloseNormal))
	require.NoError(t, conn.Close(protocol.CloseNormal))
	require.ErrorIs(t, conn.Send(t.Context(), nil), hybrid.ErrLost)
	_, err = conn.Receive(t.Context())
	require.ErrorIs(t, err, hybrid.ErrLost)
}

func TestServicesThatClose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		serve func(context.Context, *websocket.Conn)
		want  error
		says  string
	}{
		"with a code": {func(_ context.Context, ws *websocket.Conn) {
			_ = ws.Close(websocket.StatusCode(protocol.ClosePolicy), "")
		}, hybrid.ErrLost, protocol.ClosePolicy.String()},
		"without": {func(_ context.Context, ws *websocket.Conn) { _ = ws.CloseNow() }, hybrid.ErrLost, ""},
		"never, but speak in text": {func(ctx context.Context, ws *websocket.Conn) {
			_ = ws.Write(ctx, websocket.MessageText, []byte("hello"))
			_, _, err := ws.Read(ctx)
			assert.Equal(t, websocket.StatusCode(protocol.CloseUnsupported), websocket.CloseStatus(err))
		}, hybrid.ErrRules, "text"},
		"never, but speak at length": {func(ctx context.Context, ws *websocket.Conn) {
			_ = ws.Write(ctx, websocket.MessageBinary, make([]byte, protocol.MaxMessage+1))
			_, _, _ = ws.Read(ctx)
		}, protocol.ErrTooLong, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sockets := serveTLS(t, accepting(t, speaking(), c.serve))
			conn, _, err := sockets.Dial(t.Context(), 0, "/", nil)
			require.NoError(t, err)
			_, err = conn.Receive(t.Context())
			require.ErrorIs(t, err, c.want)
			assert.ErrorContains(t, err, c.says)
			require.NoError(t, conn.Close(protocol.CloseNormal))
		})
	}
}

func TestServicesThatRefuse(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusGone, http.StatusNotFound, http.StatusOK} {
		sockets := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		_, _, err := sockets.Dial(t.Context(), 0, "/cable/contact/AB", nil)
		var refused *hybrid.RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, status, refused.Status)
		assert.Contains(t, refused.Error(), "wss://cable.ua5v.com/cable/contact/AB answered")
		assert.Equal(t, status == http.StatusGone, errors.Is(err, hybrid.ErrUnlinked))
	}

	silent := serveTLS(t, accepting(t, &websocket.AcceptOptions{}, func(context.Context, *websocket.Conn) {}))
	_, _, err := silent.Dial(t.Context(), 0, "/", nil)
	require.ErrorIs(t, err, hybrid.ErrRules)
	assert.ErrorContains(t, err, "fido.cable")

	_, _, err = silent.Dial(t.Context(), 7, "/", nil)
	require.ErrorContains(t, err, "tunnel domain 7 is not assigned")

	untrusted := &hybrid.WebSockets{TLS: nil, Address: silent.Address}
	_, _, err = untrusted.Dial(t.Context(), 0, "/", nil)
	require.ErrorContains(t, err, "certificate")

	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = silent.Dial(over, 0, "/", nil)
	require.ErrorIs(t, err, context.Canceled)
}

// Services may send on, but not in circles.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var circles atomic.Int32
	echo := accepting(t, speaking(), func(ctx context.Context, ws *websocket.Conn) { _, _, _ = ws.Read(ctx) })
	sockets := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/there":
			echo.ServeHTTP(w, r)
		case "/here":
			http.Redirect(w, r, "https://"+protocol.Domain(300).Host()+"/there", http.StatusTemporaryRedirect)
		default:
			circles.Add(1)
			http.Redirect(w, r, "/circle", http.StatusTemporaryRedirect)
		}
	}))
	conn, _, err := sockets.Dial(t.Context(), 0, "/here", nil)
	require.NoError(t, err)
	require.NoError(t, conn.Close(protocol.CloseNormal))
	_, _, err = sockets.Dial(t.Context(), 0, "/circle", nil)
	require.Error(t, err)
	assert.EqualValues(t, 6, circles.Load())
}
