package relay

import (
	"fmt"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
)

// jsonOptions are lenient about invalid UTF-8, because a page may put lone
// surrogates into any string.
var jsonOptions = jsonv2.JoinOptions(jsonv2.DefaultOptionsV2(), jsonv2.AllowInvalidUTF8(true))

// Session is the conversation with a page or frame that was stopped before its
// first step. Commands are sent without waiting for replies, which would not
// come; only events come out.
type Session struct {
	relay *Relay
	id    target.SessionID
	done  chan struct{}

	mu       sync.Mutex
	handlers map[string][]func(jsonv2.Value)
}

// Session takes over a session that the browser attached by itself and named in
// Target.attachedToTarget. Chromedp hears no more of it.
func (r *Relay) Session(id target.SessionID) *Session {
	s := &Session{relay: r, id: id, done: make(chan struct{}), handlers: map[string][]func(jsonv2.Value){}}
	r.listing.Lock()
	defer r.listing.Unlock()
	r.sessions[id] = s
	return s
}

// End says that the browser has detached a session. Those of frames in a
// Session need no telling.
func (r *Relay) End(id target.SessionID) {
	r.listing.Lock()
	s := r.sessions[id]
	delete(r.sessions, id)
	r.listing.Unlock()
	if s != nil {
		close(s.done)
	}
}

// endAll ends the sessions of a browser that has gone.
func (r *Relay) endAll() {
	r.listing.Lock()
	defer r.listing.Unlock()
	for _, s := range r.sessions {
		close(s.done)
	}
	r.sessions = nil
}

// deliver gives a message to its Session and reports whether there is one.
func (r *Relay) deliver(message []byte) bool {
	name := sessionOf(message)
	if name == "" {
		return false
	}
	r.listing.Lock()
	s := r.sessions[target.SessionID(name)]
	r.listing.Unlock()
	if s == nil {
		return false
	}
	var m cdproto.Message
	if jsonv2.Unmarshal(message[:len(message)-1], &m, jsonOptions) == nil && m.Method != "" {
		s.receive(string(m.Method), m.Params)
	}
	return true
}

// ID is the browser's name for the session.
func (s *Session) ID() target.SessionID { return s.id }

// Relay is what carries the session.
func (s *Session) Relay() *Relay { return s.relay }

// Done is closed when the page or frame has gone.
func (s *Session) Done() <-chan struct{} { return s.done }

// Send sends a command. Commands that one goroutine sends are handled in order.
func Send[P, R any](s *Session, command cdp.Command[P, R], params P) error {
	return Post(s.relay, s.id, command, params)
}

// Post sends a command in any session, of chromedp's too, without waiting. What
// the browser replies is dropped. Commands that one goroutine posts, and those
// that it has chromedp send afterwards, are handled in order.
func Post[P, R any](r *Relay, session target.SessionID, command cdp.Command[P, R], params P) error {
	encoded, err := jsonv2.Marshal(params, jsonOptions)
	if err != nil {
		return fmt.Errorf("encode %s: %w", command.Method, err)
	}
	return r.command(func(number int64) []byte {
		// All parts are JSON already or need no escaping.
		return fmt.Appendf(nil, `{"id":%d,"sessionId":%q,"method":%q,"params":%s}`+"\x00", number, session, command.Method, encoded)
	})
}

// On calls fn for every event of that kind, in the order of arrival. fn runs on
// the goroutine that reads from the browser: it must return quickly and must
// not send. Events that do not decode are left out.
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

func (s *Session) receive(method string, params jsonv2.Value) {
	if method == target.DetachedFromTarget.Method {
		var e target.EventDetachedFromTarget
		if jsonv2.Unmarshal(params, &e, jsonOptions) == nil {
			s.relay.End(e.SessionID)
		}
	}
	s.mu.Lock()
	handlers := s.handlers[method]
	s.mu.Unlock()
	for _, handle := range handlers {
		handle(params)
	}
}
