package devtools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
)

// ErrClosed is wrapped by the error of every call whose connection ended.
var ErrClosed = errors.New("the connection to the browser ended")

// ErrDetached is wrapped by the error of every call whose session ended, for
// example because its page was closed.
var ErrDetached = errors.New("the page or worker is gone")

// jsonOptions are lenient about invalid UTF-8, because a page may put lone
// surrogates into any string.
var jsonOptions = jsonv2.JoinOptions(jsonv2.DefaultOptionsV2(), jsonv2.AllowInvalidUTF8(true))

// Conn is one connection to one browser. It is safe for concurrent use.
type Conn struct {
	out  *outbox
	done chan struct{}

	mu       sync.Mutex
	err      error
	next     int64
	pending  map[int64]*Pending
	sessions map[target.SessionID]*Session
}

// NewConn starts to speak over the two pipes. Both are closed when the
// connection ends. NewConn starts two goroutines, one per direction; they end
// when r reports an error, usually io.EOF because the browser has gone.
func NewConn(r io.ReadCloser, w io.WriteCloser) *Conn {
	c := &Conn{
		out:      newOutbox(),
		done:     make(chan struct{}),
		pending:  map[int64]*Pending{},
		sessions: map[target.SessionID]*Session{},
	}
	c.sessions[""] = newSession(c, "")
	go c.read(r)
	go c.out.drain(w)
	return c
}

// Browser returns the session of the browser itself.
func (c *Conn) Browser() *Session { return c.Session("") }

// Session returns the session with the given id, which the browser named in
// Target.attachedToTarget. Handlers that are set before the next command
// of the attaching goroutine is answered miss no event.
func (c *Conn) Session(id target.SessionID) *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sessions[id]
	if s == nil {
		s = newSession(c, id)
		if c.err != nil {
			s.end()
			return s
		}
		c.sessions[id] = s
	}
	return s
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

func (c *Conn) read(r io.ReadCloser) {
	defer r.Close()
	buffered := bufio.NewReaderSize(r, 64<<10)
	for {
		frame, err := readFrame(buffered, MaxMessage)
		switch {
		case errors.Is(err, errTooLarge):
			c.failOversized(frame)
			continue
		case err != nil:
			c.end(fmt.Errorf("%w: %w", ErrClosed, err))
			return
		}
		var m cdproto.Message
		if jsonv2.Unmarshal(frame, &m, jsonOptions) != nil {
			continue // not for us to repair; the browser does not send such messages
		}
		c.dispatch(&m)
	}
}

func (c *Conn) dispatch(m *cdproto.Message) {
	if m.ID != 0 {
		c.settle(m.ID, m, nil)
		return
	}
	c.mu.Lock()
	s := c.sessions[m.SessionID]
	c.mu.Unlock()
	if s != nil {
		s.deliver(string(m.Method), m.Params)
	}
	if m.Method == cdproto.EventTargetDetachedFromTarget {
		c.forget(m.Params)
	}
}

// oversizedID finds the id at the start of a reply that was too large to keep.
var oversizedID = regexp.MustCompile(`^\{"id":(\d{1,18})[,}]`)

func (c *Conn) failOversized(prefix []byte) {
	found := oversizedID.FindSubmatch(prefix)
	if found == nil {
		return // an event; whoever sent it gets no answer
	}
	id, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err == nil {
		c.settle(id, nil, fmt.Errorf("reply dropped: %w of %d bytes", errTooLarge, MaxMessage))
	}
}

func (c *Conn) settle(id int64, m *cdproto.Message, err error) {
	c.mu.Lock()
	p := c.pending[id]
	delete(c.pending, id)
	c.mu.Unlock()
	if p != nil {
		p.settle(m, err)
	}
}

// forget ends the session that a Target.detachedFromTarget event names.
func (c *Conn) forget(params jsonv2.Value) {
	var gone target.EventDetachedFromTarget
	if jsonv2.Unmarshal(params, &gone, jsonOptions) != nil || gone.SessionID == "" {
		return
	}
	c.mu.Lock()
	s := c.sessions[gone.SessionID]
	delete(c.sessions, gone.SessionID)
	var orphans []*Pending
	for id, p := range c.pending {
		if p.session == gone.SessionID {
			orphans = append(orphans, p)
			delete(c.pending, id)
		}
	}
	c.mu.Unlock()
	for _, p := range orphans {
		p.settle(nil, ErrDetached)
	}
	if s != nil {
		s.end()
	}
}

// end fails everything that still waits.
func (c *Conn) end(err error) {
	c.mu.Lock()
	c.err = err
	pending, sessions := c.pending, c.sessions
	c.pending, c.sessions = nil, map[target.SessionID]*Session{}
	c.mu.Unlock()
	c.out.close()
	for _, p := range pending {
		p.settle(nil, err)
	}
	for _, s := range sessions {
		s.end()
	}
	close(c.done)
}

// start queues a command and registers the wait for its reply.
func (c *Conn) start(id target.SessionID, method string, params any) *Pending {
	p := &Pending{method: method, session: id, done: make(chan struct{})}
	encoded, err := jsonv2.Marshal(params, jsonOptions)
	if err != nil {
		p.settle(nil, fmt.Errorf("encode parameters: %w", err))
		return p
	}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		p.settle(nil, c.err)
		return p
	}
	c.next++
	message := cdproto.Message{ID: c.next, SessionID: id, Method: cdproto.MethodType(method), Params: encoded}
	c.pending[c.next] = p
	p.id = c.next
	c.mu.Unlock()
	frame, err := jsonv2.Marshal(&message, jsonOptions)
	if err != nil {
		c.settle(p.id, nil, fmt.Errorf("encode command: %w", err))
		return p
	}
	c.out.push(append(frame, 0))
	return p
}

// abandon stops waiting for a reply that nobody wants any more.
func (c *Conn) abandon(id int64) {
	c.mu.Lock()
	delete(c.pending, id)
	c.mu.Unlock()
}

// wait returns when the reply to p is there, ctx ends, or the session does.
func (c *Conn) wait(ctx context.Context, p *Pending, result any) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		c.abandon(p.id)
		return fmt.Errorf("%s: %w", p.method, context.Cause(ctx))
	}
	switch {
	case p.err != nil:
		return fmt.Errorf("%s: %w", p.method, p.err)
	case p.reply.Error != nil:
		return fmt.Errorf("%s: %w", p.method, p.reply.Error)
	case result == nil:
		return nil
	}
	if err := jsonv2.Unmarshal(p.reply.Result, result, jsonOptions); err != nil {
		return fmt.Errorf("%s: decode result: %w", p.method, err)
	}
	return nil
}
