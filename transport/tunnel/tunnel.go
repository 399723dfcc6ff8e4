package tunnel

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// tunnel is two seats between which messages pass. The opener has the first: the
// authenticator after a QR code, the client after a contact.
type tunnel struct {
	server  *Server
	id      hybrid.TunnelID
	routing hybrid.RoutingID
	joined  bool // the other seat is taken; the server's mutex
	signals bool // the opener wants to hear that the joiner is there

	opener, joiner *seat
	messages       atomic.Int64

	ctx   context.Context // ends with an [ending] as its cause
	end   context.CancelCauseFunc
	quiet *time.Timer // for too long
	old   *time.Timer // too old
}

// seat is one side of a tunnel.
type seat struct {
	there chan struct{} // is closed when messages can be sent to conn
	conn  *websocket.Conn
}

// ending is why a tunnel ends: what both sides are told, and what that side hears
// that has caused it.
type ending struct {
	code     hybrid.CloseCode
	by       *seat // nil for neither
	byCode   hybrid.CloseCode
	internal error // for the log, nil for none
}

func (e *ending) Error() string { return e.code.String() }

// codeFor is what a side is told.
func (e *ending) codeFor(s *seat) hybrid.CloseCode {
	if s == e.by {
		return e.byCode
	}
	return e.code
}

var tooMuch = &ending{code: hybrid.ClosePolicy}

func newTunnel(s *Server, id hybrid.TunnelID, routing hybrid.RoutingID) *tunnel {
	t := &tunnel{
		server: s, id: id, routing: routing,
		opener: &seat{there: make(chan struct{})}, joiner: &seat{there: make(chan struct{})},
	}
	t.ctx, t.end = context.WithCancelCause(s.life)
	t.quiet = time.AfterFunc(s.limits.Wait, func() { t.end(tooMuch) })
	t.old = time.AfterFunc(s.limits.Life, func() { t.end(tooMuch) })
	return t
}

// serveOpener serves the side that the tunnel was made for. The tunnel ends with
// it.
func (t *tunnel) serveOpener(w http.ResponseWriter, r *http.Request) {
	conn, err := accept(w, r)
	if err != nil {
		t.forget()
		return
	}
	t.server.logger.Info("tunnel open", "routing", t.routing)
	t.opener.conn = conn
	close(t.opener.there)
	t.serve(t.opener, t.joiner)
}

// serveJoiner serves the other side. The seat is free again if no WebSocket comes
// of the request.
func (t *tunnel) serveJoiner(w http.ResponseWriter, r *http.Request) {
	conn, err := accept(w, r)
	if err != nil {
		t.server.mu.Lock()
		defer t.server.mu.Unlock()
		t.joined = false
		return
	}
	t.server.logger.Info("tunnel joined", "routing", t.routing)
	t.joiner.conn = conn
	t.serve(t.joiner, t.opener)
}

// forget makes a tunnel unknown, even if a side is slow to take leave.
func (t *tunnel) forget() {
	t.end(tooMuch) // if nothing has ended it
	t.quiet.Stop()
	t.old.Stop()
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	if t.server.tunnels[t.id] == t { // and not one that came after it
		delete(t.server.tunnels, t.id)
	}
}

// serve passes on what a side sends, until the tunnel ends, and then closes the
// side's WebSocket. It does so beside the request, whose memory would be the most
// of what a tunnel takes.
func (t *tunnel) serve(from, to *seat) {
	t.server.users.Add(1)
	context.AfterFunc(t.ctx, func() {
		defer t.server.users.Done()
		t.forget()
		t.close(from)
	})
	t.server.users.Go(func() {
		if t.begin(from) {
			t.end(t.forward(from, to))
		}
	})
}

// begin lets the other side send, after the signal that it may have asked for.
func (t *tunnel) begin(from *seat) bool {
	if from == t.opener {
		return true
	}
	if !t.opener.arrives(t.ctx) {
		return false
	}
	if t.signals {
		ctx, cancel := context.WithTimeout(context.Background(), t.server.limits.Write)
		defer cancel()
		if err := t.opener.conn.Write(ctx, websocket.MessageBinary, []byte{hybrid.Connected}); err != nil {
			t.end(left(t.opener, err))
			return false
		}
	}
	t.quiet.Reset(t.server.limits.Idle)
	close(from.there)
	return true
}

// arrives waits for a side, or until the tunnel has ended.
func (s *seat) arrives(ctx context.Context) bool {
	select {
	case <-s.there:
		return true
	case <-ctx.Done():
		return false
	}
}

// close closes a side's WebSocket with the code that it should hear. It returns
// when that has been answered, or after some seconds.
func (t *tunnel) close(s *seat) {
	end := context.Cause(t.ctx).(*ending)
	code := end.codeFor(s)
	t.server.logger.Info("tunnel ends", "routing", t.routing, "code", int(code), "why", code, "cause", end.internal)
	// How a side takes leave is no news: it may have left first.
	_ = s.conn.Close(websocket.StatusCode(code), code.String())
}
