package tunnel

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/coder/websocket"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Why a user is turned away.
var (
	errTaken   = errors.New("somebody has that seat in the tunnel already")
	errRouting = errors.New("the tunnel has another routing ID")
	errUnknown = errors.New("there is no such tunnel")
	errGone    = errors.New("nobody is reached by that contact ID any more")
	errFull    = errors.New("there is no room for more")
	errRandom  = errors.New("the tunnel service could not draw an ID")
)

var statuses = map[error]int{
	errTaken: http.StatusConflict, errRouting: http.StatusConflict, errUnknown: http.StatusNotFound,
	errGone: http.StatusGone, errFull: http.StatusServiceUnavailable,
	errRandom: http.StatusInternalServerError,
}

// refuse answers with the status that an error stands for: 400 where none is
// named.
func refuse(w http.ResponseWriter, err error) {
	status, ok := statuses[err]
	if !ok {
		status = http.StatusBadRequest
	}
	http.Error(w, err.Error(), status)
}

// serveNew opens a tunnel for an authenticator whose user has scanned a QR code.
func (s *Server) serveNew(w http.ResponseWriter, r *http.Request) {
	id, err := hybrid.ParseTunnelID(r.PathValue("tunnel"))
	if err != nil {
		refuse(w, err)
		return
	}
	t, err := s.open(id)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set(hybrid.RoutingHeader, t.routing.String())
	t.serveOpener(w, r)
}

// serveConnect joins a tunnel: a client that has seen the advert, or an
// authenticator that was told of a contact.
func (s *Server) serveConnect(w http.ResponseWriter, r *http.Request) {
	routing, badRouting := hybrid.ParseRoutingID(r.PathValue("routing"))
	id, badTunnel := hybrid.ParseTunnelID(r.PathValue("tunnel"))
	if err := errors.Join(badRouting, badTunnel); err != nil {
		refuse(w, err)
		return
	}
	t, err := s.join(routing, id)
	if err != nil {
		refuse(w, err)
		return
	}
	t.serveJoiner(w, r)
}

// open makes a tunnel of which the opener's seat is taken.
func (s *Server) open(id hybrid.TunnelID) (*tunnel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tunnels[id] != nil {
		return nil, errTaken
	}
	var routing hybrid.RoutingID
	if _, err := io.ReadFull(s.random, routing[:]); err != nil {
		return nil, errRandom
	}
	t := newTunnel(s, id, routing)
	s.tunnels[id] = t
	return t, nil
}

// join takes the free seat of a tunnel.
func (s *Server) join(routing hybrid.RoutingID, id hybrid.TunnelID) (*tunnel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tunnels[id]
	switch {
	case t == nil:
		return nil, errUnknown
	case t.routing != routing:
		return nil, errRouting
	case t.joined:
		return nil, errTaken
	}
	t.joined = true
	return t, nil
}

// errSubprotocol is why a WebSocket is refused.
var errSubprotocol = errors.New("the WebSocket has to offer the subprotocol " + hybrid.Subprotocol)

// accept makes a WebSocket of a request, or answers why it does not. Pages of
// other origins are turned away; what is no page sends no Origin or our own.
func accept(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	if !offersSubprotocol(r) {
		refuse(w, errSubprotocol)
		return nil, errSubprotocol
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{hybrid.Subprotocol}})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(hybrid.MaxMessage)
	return conn, nil
}

func offersSubprotocol(r *http.Request) bool {
	offers := strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ",")
	return slices.ContainsFunc(strings.Split(offers, ","), func(offer string) bool {
		return strings.TrimSpace(offer) == hybrid.Subprotocol
	})
}
