package devtools

import (
	"context"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
)

// Session is the conversation with one target: the browser, a page, a frame of
// another process, or a worker.
type Session struct {
	conn *Conn
	id   target.SessionID

	mu       sync.Mutex
	handlers map[string][]func(jsonv2.Value)
	done     chan struct{}
}

func newSession(c *Conn, id target.SessionID) *Session {
	return &Session{conn: c, id: id, handlers: map[string][]func(jsonv2.Value){}, done: make(chan struct{})}
}

// ID is the browser's name for the session.
func (s *Session) ID() target.SessionID { return s.id }

// Conn is the connection that carries the session.
func (s *Session) Conn() *Conn { return s.conn }

// Done is closed when the target has gone or the connection has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// Pending is a command that was sent and may not have been answered yet.
type Pending struct {
	method  string
	session target.SessionID
	id      int64
	done    chan struct{}
	reply   *cdproto.Message
	err     error
}

func (p *Pending) settle(reply *cdproto.Message, err error) {
	p.reply, p.err = reply, err
	close(p.done)
}

// Reply is a Pending command together with the type of its result.
type Reply[R any] struct {
	session *Session
	pending *Pending
}

// Start sends a command and returns at once. The browser handles the commands
// of one session in the order in which they were started.
func Start[P, R any](s *Session, command cdp.Command[P, R], params P) Reply[R] {
	return Reply[R]{session: s, pending: s.conn.start(s.id, command.Method, params)}
}

// Wait returns the result once it is there.
func (r Reply[R]) Wait(ctx context.Context) (R, error) {
	var result R
	err := r.session.conn.wait(ctx, r.pending, &result)
	return result, err
}

// Done waits for a command whose result does not matter.
func (r Reply[R]) Done(ctx context.Context) error {
	return r.session.conn.wait(ctx, r.pending, nil)
}

// Call sends a command and waits for its result.
func Call[P, R any](ctx context.Context, s *Session, command cdp.Command[P, R], params P) (R, error) {
	return Start(s, command, params).Wait(ctx)
}

// Do is Call for a command whose result does not matter.
func Do[P, R any](ctx context.Context, s *Session, command cdp.Command[P, R], params P) error {
	_, err := Call(ctx, s, command, params)
	return err
}

// Raw calls a command that cdproto does not describe, or describes wrongly.
// A nil result is thrown away.
func (s *Session) Raw(ctx context.Context, method string, params, result any) error {
	return s.conn.wait(ctx, s.conn.start(s.id, method, params), result)
}

// On calls fn for every event of that kind, in the order of arrival, until the
// session ends. fn runs on the goroutine that reads the connection: it must
// return quickly and must not wait for a reply. Events that do not decode are
// left out.
func On[E any](s *Session, event cdp.Event[E], fn func(E)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[event.Method] = append(s.handlers[event.Method], func(params jsonv2.Value) {
		var e E
		if jsonv2.Unmarshal(params, &e, jsonOptions) == nil {
			fn(e)
		}
	})
}

func (s *Session) deliver(method string, params jsonv2.Value) {
	s.mu.Lock()
	handlers := s.handlers[method]
	s.mu.Unlock()
	for _, handle := range handlers {
		handle(params)
	}
}

func (s *Session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers = map[string][]func(jsonv2.Value){}
	close(s.done)
}
