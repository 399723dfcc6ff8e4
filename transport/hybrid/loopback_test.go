package hybrid_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// relay is the least that a tunnel service can be: it joins the two who name the
// same tunnel.
type relay struct {
	mu      sync.Mutex
	waiting map[string]chan *websocket.Conn
}

func (s *relay) seat(tunnel string) chan *websocket.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = make(map[string]chan *websocket.Conn)
	}
	if s.waiting[tunnel] == nil {
		s.waiting[tunnel] = make(chan *websocket.Conn)
	}
	return s.waiting[tunnel]
}

func (s *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(protocol.RoutingHeader, "ABCDEF")
	options := speaking()
	options.InsecureSkipVerify = true // of the origin
	ws, err := websocket.Accept(w, r, options)
	if err != nil {
		return
	}
	seat := s.seat(r.PathValue("tunnel"))
	select {
	case seat <- ws: // the other side goes on from here
		return
	case other := <-seat:
		joined, part := context.WithCancel(context.WithoutCancel(r.Context()))
		defer part()
		go func() {
			defer part()
			pass(joined, other, ws)
		}()
		pass(joined, ws, other)
	}
}

// pass hands on messages, and why there are no more.
func pass(ctx context.Context, from, to *websocket.Conn) {
	from.SetReadLimit(protocol.MaxMessage)
	for {
		kind, message, err := from.Read(ctx)
		if err != nil {
			_ = to.Close(max(websocket.CloseStatus(err), websocket.StatusNormalClosure), "")
			return
		}
		if to.Write(ctx, kind, message) != nil {
			return
		}
	}
}

// onLoopback is a rig whose ends meet over TLS on this machine.
func onLoopback(t testing.TB) *rig {
	t.Helper()
	mux, service := http.NewServeMux(), new(relay)
	mux.Handle(protocol.NewPath+"{tunnel}", service)
	mux.Handle(protocol.ConnectPath+"{routing}/{tunnel}", service)
	sockets := serveTLS(t, mux)
	r := newRig(t, func(p *hybrid.PhoneConfig, c *hybrid.ComputerConfig) {
		p.Dialer, c.Dialer, p.Tell = sockets, sockets, nil
	})
	r.passkey(t)
	return r
}

// signIn is a whole sign-in, from the QR code to the parting.
func (r *rig) signIn(t testing.TB) {
	remote, phone, err := r.meet(t, t.Context())
	require.NoError(t, err)
	_, err = ctap.Call(t.Context(), remote, assertion())
	require.NoError(t, err)
	require.NoError(t, remote.Close())
	require.NoError(t, <-phone)
}

func TestOverLoopback(t *testing.T) {
	t.Parallel()
	r := onLoopback(t)
	for range 3 {
		r.signIn(t)
	}
}

// BenchmarkLogin compares a sign-in over loopback, two TLS handshakes and the
// hybrid one in it, with the same request to the device alone.
func BenchmarkLogin(b *testing.B) {
	b.Run("over loopback", func(b *testing.B) {
		r := onLoopback(b)
		for b.Loop() {
			r.signIn(b)
		}
	})
	b.Run("device alone", func(b *testing.B) {
		r := onLoopback(b)
		for b.Loop() {
			_, err := ctap.Call(b.Context(), r.device, assertion())
			require.NoError(b, err)
		}
	})
}
