package tunnel

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/coder/websocket"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// contact is an authenticator that is or was listening. Clients that are linked
// with it wait while it is away.
type contact struct {
	listening bool // the server's mutex, also the next
	known     bool // it has listened
	waiting   chan summoned
	gone      context.Context // it wants to be reached no more
	leave     context.CancelFunc
}

// summoned is a tunnel in which a client waits.
type summoned struct {
	*tunnel
	message []byte
}

// maxWaiting is how many clients wait for one authenticator.
const maxWaiting = 8

// serveContact opens a tunnel for a client that is linked, and calls the
// authenticator.
func (s *Server) serveContact(w http.ResponseWriter, r *http.Request) {
	id, err := hybrid.ParseContactID(r.PathValue("contact"))
	if err != nil {
		refuse(w, err)
		return
	}
	payload, err := clientPayload(r)
	if err != nil {
		refuse(w, err)
		return
	}
	t, err := s.call(string(id), payload, r.Header.Get(hybrid.SignalHeader) == "true")
	if err != nil {
		refuse(w, err)
		return
	}
	if t.signals {
		w.Header().Set(hybrid.SignalHeader, "true")
	}
	t.serveOpener(w, r)
}

// clientPayload reads the header that says which link it is about.
func clientPayload(r *http.Request) (*hybrid.Contact, error) {
	values := r.Header.Values(hybrid.PayloadHeader)
	if len(values) != 1 {
		return nil, errors.New("one header " + hybrid.PayloadHeader + " is needed")
	}
	return hybrid.ParseContact(values[0])
}

// call opens a tunnel that an authenticator is told of.
func (s *Server) call(id string, payload *hybrid.Contact, signals bool) (*tunnel, error) {
	s.mu.Lock()
	c := s.contacts[id]
	known := c != nil && c.known
	var tunnelID hybrid.TunnelID
	_, err := io.ReadFull(s.random, tunnelID[:])
	s.mu.Unlock()
	switch {
	case !known:
		return nil, errGone
	case err != nil:
		return nil, errRandom
	}
	t, err := s.open(tunnelID)
	if err != nil {
		return nil, err
	}
	t.signals = signals
	summons := hybrid.Summons{Routing: t.routing, Tunnel: t.id, Contact: payload}
	select {
	case c.waiting <- summoned{t, summons.Encode()}:
		return t, nil
	default:
		t.forget()
		return nil, errFull
	}
}

// serveListen tells an authenticator of the clients that wait for it, for as long
// as its WebSocket is open.
func (s *Server) serveListen(w http.ResponseWriter, r *http.Request) {
	id, err := hybrid.ParseContactID(r.PathValue("contact"))
	if err != nil {
		refuse(w, err)
		return
	}
	c, err := s.attend(string(id))
	if err != nil {
		refuse(w, err)
		return
	}
	s.mu.Lock()
	before := c.known
	c.known = true // as soon as the authenticator may rely on it
	s.mu.Unlock()
	conn, err := accept(w, r)
	if err != nil {
		s.mu.Lock()
		c.known = before
		s.mu.Unlock()
		s.away(string(id), c)
		return
	}
	s.users.Go(func() {
		code := s.tell(c, conn)
		s.away(string(id), c)
		// It may have left by itself, which is all that an error could say.
		_ = conn.Close(websocket.StatusCode(code), code.String())
	})
}

// attend makes a contact known, or known to be there again.
func (s *Server) attend(id string) (*contact, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.contacts[id]
	switch {
	case c != nil && c.listening:
		return nil, errTaken
	case c == nil && len(s.contacts) >= s.limits.Contacts:
		return nil, errFull
	case c == nil:
		c = &contact{waiting: make(chan summoned, maxWaiting)}
		c.gone, c.leave = context.WithCancel(s.life)
		s.contacts[id] = c
	}
	c.listening = true
	return c, nil
}

// away notes that a contact has left. One that never was there is not kept.
func (s *Server) away(id string, c *contact) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.listening = false
	if !c.known {
		c.leave()
		delete(s.contacts, id)
	}
}

// tell sends what a contact is summoned to, and returns with what code to close.
func (s *Server) tell(c *contact, conn *websocket.Conn) hybrid.CloseCode {
	// It has nothing to say here; its leaving ends the context.
	listening := conn.CloseRead(context.Background())
	for {
		select {
		case next := <-c.waiting:
			if next.ctx.Err() != nil {
				continue // the client did not wait
			}
			// Not the tunnel's context: it may be over before Write returns, and
			// would close this WebSocket.
			ctx, cancel := context.WithTimeout(context.Background(), s.limits.Write)
			err := conn.Write(ctx, websocket.MessageBinary, next.message)
			cancel()
			if err != nil {
				return hybrid.CloseLost
			}
		case <-listening.Done():
			return hybrid.CloseNormal
		case <-c.gone.Done():
			return hybrid.CloseNormal
		}
	}
}

// serveForget makes a contact unknown: the authenticator has unlinked everybody.
func (s *Server) serveForget(w http.ResponseWriter, r *http.Request) {
	id, err := hybrid.ParseContactID(r.PathValue("contact"))
	if err != nil {
		refuse(w, err)
		return
	}
	s.mu.Lock()
	c := s.contacts[string(id)]
	delete(s.contacts, string(id))
	s.mu.Unlock()
	if c == nil {
		refuse(w, errGone)
		return
	}
	c.leave()
	w.WriteHeader(http.StatusNoContent)
}
