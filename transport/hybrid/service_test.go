package hybrid_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// Most tests run in a bubble of package synctest, in which time moves only when
// all wait for it, with a tunnel service that is a map.

// side is one of the two ends of a tunnel.
type side string

const (
	phoneSide    side = "phone"
	computerSide side = "computer"
)

// spoiler changes what a side sends: message n of it, counted from 0. nil drops the
// tunnel.
type spoiler func(from side, n int, message []byte) []byte

// service is a tunnel service without a network.
type service struct {
	spoil  spoiler
	header http.Header // of the response to /cable/new/, nil for a good one

	mu       sync.Mutex
	tunnels  map[protocol.TunnelID]*pair
	contacts map[string]func(hybrid.Call)
	silent   bool   // no signal when the phone has come
	signal   []byte // instead of a zero
}

var routingID = protocol.RoutingID{0xAB, 0xCD, 0xEF}

// pair is a tunnel, which has a seat for each side.
type pair struct {
	closed   chan struct{}
	close    func(protocol.CloseCode)
	code     protocol.CloseCode
	up, down chan []byte // from the opener, and to it
	opener   side
	taken    bool
	arrived  chan struct{}
}

func newPair(opener side) *pair {
	t := &pair{opener: opener, closed: make(chan struct{}), up: make(chan []byte, 16), down: make(chan []byte, 16), arrived: make(chan struct{})}
	var once sync.Once
	t.close = func(code protocol.CloseCode) {
		once.Do(func() {
			t.code = code
			close(t.closed)
		})
	}
	return t
}

// end is a hybrid.Conn.
type end struct {
	*pair
	in, out chan []byte
	from    side
	spoil   spoiler
	sent    int
}

func (e *end) Send(ctx context.Context, message []byte) error {
	if len(message) > protocol.MaxMessage {
		return protocol.ErrTooLong
	}
	message = slices.Clone(message)
	if e.spoil != nil {
		message = e.spoil(e.from, e.sent, message)
	}
	e.sent++
	if message == nil {
		e.close(protocol.CloseLost)
		return nil
	}
	select {
	case <-e.closed:
		return &hybrid.ClosedError{Code: e.code}
	default:
	}
	select {
	case e.out <- message:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *end) Receive(ctx context.Context) ([]byte, error) {
	select {
	case message := <-e.in:
		return message, nil
	default:
	}
	select {
	case message := <-e.in:
		return message, nil
	case <-e.closed:
		return nil, &hybrid.ClosedError{Code: e.code}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (e *end) Close(code protocol.CloseCode) error {
	e.close(code)
	return nil
}

// Dial implements hybrid.Dialer.
func (s *service) Dial(ctx context.Context, domain protocol.Domain, path string, header http.Header) (hybrid.Conn, http.Header, error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tunnels == nil {
		s.tunnels = map[protocol.TunnelID]*pair{}
	}
	refuse := func(status int) (hybrid.Conn, http.Header, error) {
		return nil, nil, &hybrid.RefusedError{URL: "wss://" + domain.Host() + path, Status: status}
	}
	if id, ok := strings.CutPrefix(path, protocol.ContactPath); ok {
		return s.contact(id, header, refuse)
	}
	if id, ok := strings.CutPrefix(path, protocol.NewPath); ok {
		tunnelID, err := protocol.ParseTunnelID(id)
		if err != nil {
			return refuse(http.StatusBadRequest)
		}
		t := newPair(phoneSide)
		s.tunnels[tunnelID] = t
		answer := s.header
		if answer == nil {
			answer = http.Header{}
			answer.Set(protocol.RoutingHeader, routingID.String())
		}
		return &end{pair: t, in: t.down, out: t.up, from: phoneSide, spoil: s.spoil}, answer, nil
	}
	return s.join(path, refuse)
}

func (s *service) join(path string, refuse func(int) (hybrid.Conn, http.Header, error)) (hybrid.Conn, http.Header, error) {
	for id, t := range s.tunnels {
		if path != protocol.ConnectTunnelPath(routingID, id) || t.taken {
			continue
		}
		t.taken = true
		close(t.arrived)
		from := computerSide
		if t.opener == computerSide {
			from = phoneSide
		}
		return &end{pair: t, in: t.up, out: t.down, from: from, spoil: s.spoil}, http.Header{}, nil
	}
	return refuse(http.StatusNotFound)
}

// contact opens a tunnel from the other end: the computer is there first.
func (s *service) contact(id string, header http.Header, refuse func(int) (hybrid.Conn, http.Header, error)) (hybrid.Conn, http.Header, error) {
	contactID, err := protocol.ParseContactID(id)
	if err != nil {
		return refuse(http.StatusBadRequest)
	}
	call, known := s.contacts[string(contactID)]
	if !known {
		return refuse(http.StatusGone)
	}
	payload, err := protocol.ParseContact(header.Get(protocol.PayloadHeader))
	if err != nil {
		return refuse(http.StatusBadRequest)
	}
	t, tunnelID := newPair(computerSide), protocol.TunnelID{1: byte(len(s.tunnels))}
	s.tunnels[tunnelID] = t
	answer := http.Header{}
	if header.Get(protocol.SignalHeader) == "true" && !s.silent {
		answer.Set(protocol.SignalHeader, "true")
		signal := s.signal
		if signal == nil {
			signal = []byte{protocol.Connected}
		}
		go func() {
			select {
			case <-t.arrived:
				t.down <- signal
			case <-t.closed:
			}
		}()
	}
	go call(hybrid.Call{ContactID: contactID, Routing: routingID, Tunnel: tunnelID, Contact: payload})
	return &end{pair: t, in: t.down, out: t.up, from: computerSide, spoil: s.spoil}, answer, nil
}
