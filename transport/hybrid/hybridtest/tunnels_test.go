package hybridtest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/contract"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid/hybridtest"
)

// memory is a dialer with a tunnel service in it, good but for one flaw.
type memory struct {
	flaw flaw

	mu      sync.Mutex
	tunnels map[string]*tube // by the path to join
}

// flaw is what is wrong with a memory.
type flaw string

const (
	none           flaw = ""
	oneTunnel      flaw = "has one tunnel for all"
	marksHeaders   flaw = "adds to the caller's header"
	joinsAnything  flaw = "joins what there is not"
	joinsAgain     flaw = "joins a tunnel twice"
	unlinksAll     flaw = "says of all that it is unlinked"
	linksAll       flaw = "says of nothing that it is unlinked"
	dialsAnyway    flaw = "dials after the end"
	cutsMessages   flaw = "cuts messages"
	losesEarly     flaw = "loses what is early"
	oneAtATime     flaw = "does one thing at a time"
	keepsBytes     flaw = "keeps the caller's bytes"
	sendsTooLong   flaw = "sends what is too long"
	dropsTooLong   flaw = "closes at what is too long"
	dropsAtClose   flaw = "forgets what was sent when it is closed"
	endsPlainly    flaw = "ends as a file does"
	sendsToNobody  flaw = "sends to nobody"
	closesOnce     flaw = "is closed once"
	waitsOn        flaw = "waits on after its end"
	hidesTheReason flaw = "does not say why"
)

// tube is a tunnel.
type tube struct {
	up, down chan []byte
	closed   chan struct{}
	close    func()
	joined   bool
}

func newTube() *tube {
	t := &tube{up: make(chan []byte, 256), down: make(chan []byte, 256), closed: make(chan struct{})}
	t.close = sync.OnceFunc(func() { close(t.closed) })
	return t
}

func (m *memory) Dial(ctx context.Context, _ protocol.Domain, path string, header http.Header) (hybrid.Conn, http.Header, error) {
	if m.flaw == marksHeaders && header != nil {
		header.Set("Origin", "here")
	}
	if ctx.Err() != nil && m.flaw != dialsAnyway {
		return nil, nil, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if id, opens := strings.CutPrefix(path, protocol.NewPath); opens {
		tunnel, _ := protocol.ParseTunnelID(id)
		routing := protocol.RoutingID{1}
		join := m.key(protocol.ConnectTunnelPath(routing, tunnel))
		if m.tunnels[join] == nil {
			m.tunnels[join] = newTube()
		}
		answer := http.Header{}
		answer.Set(protocol.RoutingHeader, routing.String())
		return &conn{memory: m, tube: m.tunnels[join], in: m.tunnels[join].down, out: m.tunnels[join].up, turn: make(chan struct{}, 1)}, answer, nil
	}
	t := m.tunnels[m.key(path)]
	if t == nil && m.flaw == joinsAnything {
		t = newTube()
	}
	if t == nil || t.joined && m.flaw != joinsAgain {
		return nil, nil, m.refusal(path)
	}
	t.joined = m.flaw != oneTunnel
	return &conn{memory: m, tube: t, in: t.up, out: t.down, turn: make(chan struct{}, 1)}, nil, nil
}

func (m *memory) key(path string) string {
	if m.flaw == oneTunnel {
		return ""
	}
	return path
}

func (m *memory) refusal(path string) error {
	status := http.StatusNotFound
	if strings.HasPrefix(path, protocol.ContactPath) && m.flaw != linksAll || m.flaw == unlinksAll {
		status = http.StatusGone
	}
	return &hybrid.RefusedError{URL: path, Status: status}
}

// conn is one side of a tube.
type conn struct {
	memory  *memory
	tube    *tube
	in, out chan []byte
	turn    chan struct{} // holds a token while it is taken
	shut    bool
}

func (c *conn) has(f flaw) bool { return c.memory.flaw == f }

func (c *conn) takeTurn() (done func()) {
	if !c.has(oneAtATime) {
		return func() {}
	}
	c.turn <- struct{}{}
	return func() { <-c.turn }
}

func (c *conn) Send(_ context.Context, message []byte) error {
	defer c.takeTurn()()
	if len(message) > protocol.MaxMessage && !c.has(sendsTooLong) {
		if c.has(dropsTooLong) {
			c.tube.close()
		}
		return protocol.ErrTooLong
	}
	select {
	case <-c.tube.closed:
		if c.has(sendsToNobody) {
			return nil
		}
		return c.over()
	default:
	}
	c.memory.mu.Lock()
	early := !c.tube.joined
	c.memory.mu.Unlock()
	switch {
	case c.has(losesEarly) && early:
		return nil
	case c.has(cutsMessages):
		message = message[:min(len(message), 1<<16)]
	}
	if !c.has(keepsBytes) {
		message = bytes.Clone(message)
	}
	c.out <- message
	return nil
}

func (c *conn) Receive(ctx context.Context) ([]byte, error) {
	defer c.takeTurn()()
	closed := c.tube.closed
	if c.has(waitsOn) {
		closed = nil
	}
	if c.has(dropsAtClose) {
		select {
		case <-closed:
			return nil, c.over()
		default:
		}
	}
	select {
	case message := <-c.in:
		return message, nil
	default:
	}
	select {
	case message := <-c.in:
		return message, nil
	case <-closed:
		return nil, c.over()
	case <-ctx.Done():
		if c.has(hidesTheReason) {
			return nil, ctx.Err()
		}
		return nil, context.Cause(ctx)
	}
}

func (c *conn) over() error {
	if c.has(endsPlainly) {
		return io.EOF
	}
	return hybrid.ErrLost
}

func (c *conn) Close(protocol.CloseCode) error {
	c.tube.close()
	if c.has(closesOnce) && c.shut {
		return hybrid.ErrLost
	}
	c.shut = true
	return nil
}

// judgeDialer runs the contract in a bubble, where patience takes no time.
func judgeDialer(t *testing.T, f flaw) (failed []string) {
	synctest.Test(t, func(t *testing.T) {
		failed = contract.Judge(t.Context(), func(r *contract.Recorder) {
			hybridtest.RunDialer(r, func(*contract.Recorder) hybrid.Dialer { return &memory{flaw: f, tunnels: map[string]*tube{}} })
		})
	})
	return failed
}

func TestGoodDialerPasses(t *testing.T) {
	t.Parallel()
	assert.Empty(t, judgeDialer(t, none))
}

// Every rule of the contract is noticed when it is broken.
func TestFlawedDialersAreCaught(t *testing.T) {
	t.Parallel()
	for f, caught := range map[flaw]string{
		oneTunnel:      "opens tunnels",
		marksHeaders:   "leaves the caller's header",
		joinsAnything:  "says what the service refuses",
		joinsAgain:     "says what the service refuses",
		unlinksAll:     "says what the service refuses",
		linksAll:       "says what the service refuses",
		dialsAnyway:    "dials no longer",
		cutsMessages:   "carries messages whole",
		losesEarly:     "keeps what is sent before",
		oneAtATime:     "carries both ways",
		keepsBytes:     "keeps what it was given",
		sendsTooLong:   "refuses what is too long",
		dropsTooLong:   "refuses what is too long",
		dropsAtClose:   "hands on what was sent",
		endsPlainly:    "is lost for the other side",
		sendsToNobody:  "is lost for the other side",
		closesOnce:     "may be closed twice",
		waitsOn:        "ends what waits",
		hidesTheReason: "receives no longer",
	} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			failed := judgeDialer(t, f)
			assert.True(t, contract.Notice(failed, caught), "%q did not notice; what did: %q", caught, failed)
		})
	}
}
