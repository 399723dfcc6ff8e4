package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// maxRequest is the largest request in bytes that a page may send. The largest
// honest ones hold allow lists of some hundred credentials.
const maxRequest = 256 << 10

// maxPending is how many requests of one context may wait for an answer.
// Chromium allows one per frame.
const maxPending = 64

// defaultTimeout applies where the page's options name none (§5.1.3: the client
// chooses).
const defaultTimeout = 5 * time.Minute

// notAllowed is all that a page learns about a failure without a name.
var notAllowed = webauthn.DOMException{
	Name:    webauthn.NotAllowedError,
	Message: "The operation either timed out or was not allowed. See: https://www.w3.org/TR/webauthn-3/#sctn-privacy-considerations-client.",
}

// method is one of the two methods of an Answerer, as links spell them.
type method string

const (
	methodCreate method = "create"
	methodGet    method = "get"
)

// outcome is what a request ended with: a response or an exception.
type outcome struct {
	response  json.RawMessage
	exception *webauthn.DOMException
}

func refuse(e webauthn.DOMException) outcome { return outcome{exception: &e} }

// desk takes the requests of one context to its Answerer. It sees to it that
// each gets exactly one outcome, in time.
type desk struct {
	answerer Answerer
	timeout  time.Duration // overrides the page's when not zero
	report   func(error)

	mu      sync.Mutex
	pending map[requestID]pendingRequest
}

// pendingRequest is a request that the Answerer works on.
type pendingRequest struct {
	owner  string // the page's world that asked; empty if the link cannot tell
	cancel context.CancelFunc
}

// requestID tells the requests of a context apart: which page, frame or worker
// asked, and its own number for the request.
type requestID struct {
	source string
	number int64
}

func newDesk(o ContextOptions) *desk {
	return &desk{answerer: o.Answerer, timeout: o.Timeout, report: o.Report, pending: map[requestID]pendingRequest{}}
}

// tell reports a problem that no caller waits for.
func (d *desk) tell(format string, args ...any) {
	if d.report != nil {
		d.report(fmt.Errorf(format, args...))
	}
}

// take has the Answerer work on a request in a goroutine of its own and calls
// settle with the outcome, unless the request is cancelled first. It reports
// false, and does nothing, when the id is in use or too much is pending.
func (d *desk) take(ctx context.Context, id requestID, owner string, what method, r Request, settle func(outcome)) bool {
	return d.work(ctx, id, owner, d.limit(r.Options), func(ctx context.Context) outcome { return d.ask(ctx, what, r) }, settle)
}

// takeSignal is take for a signal. An Answerer that receives none lets it pass.
func (d *desk) takeSignal(ctx context.Context, id requestID, s Signal, settle func(outcome)) bool {
	return d.work(ctx, id, id.source, defaultTimeout, func(ctx context.Context) outcome {
		receiver, ok := d.answerer.(SignalReceiver)
		if !ok {
			return outcome{}
		}
		err := receiver.Signal(ctx, s)
		var named *webauthn.DOMException
		if errors.As(err, &named) {
			return refuse(*named)
		}
		if err != nil {
			d.tell("%s for %s: %w", s.Kind, s.Origin, err)
		}
		return outcome{}
	}, settle)
}

func (d *desk) work(ctx context.Context, id requestID, owner string, limit time.Duration, do func(context.Context) outcome, settle func(outcome)) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	d.mu.Lock()
	_, taken := d.pending[id]
	if taken || len(d.pending) >= maxPending {
		d.mu.Unlock()
		cancel()
		return false
	}
	d.pending[id] = pendingRequest{owner, cancel}
	d.mu.Unlock()
	go func() {
		defer d.cancel(id)
		answered := make(chan outcome, 1)
		go func() { answered <- do(ctx) }()
		select {
		case o := <-answered:
			settle(o)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				settle(refuse(notAllowed))
			}
		}
	}()
	return true
}

// cancel ends a request: its page aborted it, or it has been answered.
func (d *desk) cancel(id requestID) {
	d.cancelAll(func(other requestID, _ pendingRequest) bool { return other == id })
}

// cancelOwner ends all requests of a world or worker that has gone.
func (d *desk) cancelOwner(name string) {
	d.cancelAll(func(id requestID, r pendingRequest) bool { return id.source == name || r.owner == name })
}

func (d *desk) cancelAll(which func(requestID, pendingRequest) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, r := range d.pending {
		if which(id, r) {
			r.cancel()
			delete(d.pending, id)
		}
	}
}

func (d *desk) ask(ctx context.Context, what method, r Request) outcome {
	call := d.answerer.Get
	if what == methodCreate {
		call = d.answerer.Create
	}
	response, err := call(ctx, r)
	var named *webauthn.DOMException
	switch {
	case errors.As(err, &named):
		return refuse(*named)
	case err != nil:
		d.tell("%s for %s: %w", what, r.Origin, err)
		return refuse(notAllowed)
	case !json.Valid(response):
		d.tell("%s for %s: the answer is not JSON", what, r.Origin)
		return refuse(notAllowed)
	}
	return outcome{response: response}
}

// limit is how long a request may take.
func (d *desk) limit(options json.RawMessage) time.Duration {
	if d.timeout > 0 {
		return d.timeout
	}
	var o struct {
		Timeout float64 `json:"timeout"` // milliseconds, an unsigned long in the IDL
	}
	if json.Unmarshal(options, &o) != nil || o.Timeout <= 0 || o.Timeout > defaultTimeout.Seconds()*2000 {
		return defaultTimeout
	}
	return time.Duration(o.Timeout * float64(time.Millisecond))
}
