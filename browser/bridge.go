package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"

	"github.com/passkeylab/passkeylab/browser/internal/relay"
	"github.com/passkeylab/passkeylab/webauthn"
)

//go:embed bridge.js
var bridgeScript string

// bridgeLink carries requests between the script in the pages of one context
// and the context's desk.
type bridgeLink struct {
	context *Context
	desk    *desk
}

// tab has nothing to do: the script came before chromedp.
func (*bridgeLink) tab(context.Context, *Tab) error { return nil }

// worker has nothing to do: this link needs no extension.
func (*bridgeLink) worker(*target.Info) {}

// ready does not wait: the script is in place before a page runs.
func (*bridgeLink) ready(context.Context) error { return nil }

// bridged is a page with the frames in it, as the bridge sees them.
type bridged struct {
	link   *bridgeLink
	frames *frames
}

// install puts the script into all documents of a page that has stopped.
func (b *bridgeLink) install(s *relay.Session) {
	p := &bridged{link: b, frames: newFrames(func(w worldKey) { b.desk.cancelOwner(w.String()) })}
	p.prepare(s)
}

// prepare does so for the page itself or a frame of another process.
func (p *bridged) prepare(s *relay.Session) {
	p.listen(s)
	yes := true
	// Sending fails only when the browser has ended.
	_ = errors.Join(
		relay.Send(s, page.Enable, page.EnableParams{}),
		relay.Send(s, runtime.Enable, cdp.Empty{}),
		relay.Send(s, runtime.AddBinding, runtime.AddBindingParams{Name: binding}),
		relay.Send(s, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: p.link.script(), RunImmediately: &yes}),
		relay.Send(s, target.SetAutoAttach, target.SetAutoAttachParams{
			AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: &yes,
			Filter: target.Filter{{Type: "iframe"}, {Exclude: true}},
		}),
	)
}

// listen learns about worlds, requests, and frames of other processes.
func (p *bridged) listen(s *relay.Session) {
	learn(p, s, page.FrameAttached)
	learn(p, s, page.FrameDetached)
	learn(p, s, page.FrameNavigated)
	learn(p, s, runtime.ExecutionContextCreated)
	learn(p, s, runtime.ExecutionContextDestroyed)
	learn(p, s, runtime.ExecutionContextsCleared)
	relay.On(s, runtime.BindingCalled, func(e runtime.EventBindingCalled) {
		if e.Name == binding {
			p.called(s, e)
		}
	})
	relay.On(s, target.AttachedToTarget, func(e target.EventAttachedToTarget) {
		inner := s.Relay().Session(e.SessionID)
		go func() {
			p.prepare(inner)
			resume(inner)
		}()
	})
	go func() {
		<-s.Done()
		p.frames.sessionGone(string(s.ID()))
	}()
}

// learn tells the frames of one kind of event.
func learn[E any](p *bridged, s *relay.Session, event cdp.Event[E]) {
	relay.On(s, event, func(e E) { p.frames.event(string(s.ID()), &e) })
}

func (b *bridgeLink) script() string {
	return fmt.Sprintf("(%s)({binding: %q, platform: %t, maxRequest: %d})",
		strings.TrimSpace(bridgeScript), binding, !b.context.options.Roaming, maxRequest)
}

// bridgeMessage is what bridge.js tells.
type bridgeMessage struct {
	Kind      string          `json:"kind"` // create, get, signal, cancel or malformed
	ID        int64           `json:"id"`
	Mediation string          `json:"mediation"`
	Signal    SignalKind      `json:"signal"`
	Options   json.RawMessage `json:"options"`
	Error     string          `json:"error"` // of kind malformed
}

// parseBridgeMessage reads what a page sent. Any script in the page may have
// sent it.
func parseBridgeMessage(payload string) (bridgeMessage, error) {
	var m bridgeMessage
	if len(payload) > maxRequest {
		return m, fmt.Errorf("%d bytes are more than the %d allowed", len(payload), maxRequest)
	}
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		return m, err
	}
	switch m.Kind {
	case "cancel", "malformed":
		return m, nil
	case string(methodCreate), string(methodGet):
	case "signal":
		if m.Signal != SignalUnknownCredential && m.Signal != SignalAllAcceptedCredentials && m.Signal != SignalCurrentUserDetails {
			return m, fmt.Errorf("unknown signal %.40q", m.Signal)
		}
	default:
		return m, fmt.Errorf("unknown kind %.40q", m.Kind)
	}
	if len(m.Options) == 0 || m.Options[0] != '{' {
		return m, errors.New("options are not an object")
	}
	return m, nil
}

func (p *bridged) called(s *relay.Session, e runtime.EventBindingCalled) {
	desk, ctx := p.link.desk, p.link.context.ctx
	world := worldKey{string(s.ID()), e.ExecutionContextID}
	who, known := p.frames.caller(world)
	if !known {
		return // a world that has gone, or that is not a page's own
	}
	m, err := parseBridgeMessage(e.Payload)
	if err != nil {
		desk.tell("message of a page at %s ignored: %w", who.origin, err)
		return
	}
	id := requestID{source: world.String(), number: m.ID}
	settle := func(o outcome) { p.settle(s, world, m.ID, o) }
	switch m.Kind {
	case "cancel":
		desk.cancel(id)
	case "malformed":
		desk.tell("the answer to a page at %s is malformed: %.200s", who.origin, m.Error)
	case "signal":
		desk.takeSignal(ctx, id, Signal{Origin: who.origin, Kind: m.Signal, Options: m.Options}, settle)
	default:
		// A request over the limits stays unanswered: bridge.js keeps to one
		// at a time, so it comes from a page that tampers with it.
		desk.take(ctx, id, id.source, method(m.Kind), Request{
			Origin: who.origin, CrossOrigin: who.crossOrigin, TopOrigin: who.topOrigin,
			Mediation: m.Mediation, Options: m.Options,
		}, settle)
	}
}

// settle answers the page, unless it has gone.
func (p *bridged) settle(s *relay.Session, world worldKey, number int64, o outcome) {
	_ = relay.Send(s, runtime.Evaluate, runtime.EvaluateParams{
		Expression: fmt.Sprintf("globalThis[%q](%d, %s)", binding, number, bridgeAnswer(o)),
		ContextID:  world.id,
	})
}

// bridgeAnswer is the argument of settle in bridge.js. JSON is a subset of
// JavaScript, so it needs no further quoting.
func bridgeAnswer(o outcome) string {
	if o.exception != nil {
		return exceptionJSON(*o.exception)
	}
	if o.response == nil {
		return "{}"
	}
	return fmt.Sprintf(`{"response": %s}`, o.response)
}

func exceptionJSON(e webauthn.DOMException) string {
	encoded, err := json.Marshal(map[string]map[string]string{"error": {"name": e.Name, "message": e.Message}})
	if err != nil {
		return "{}" // strings always encode
	}
	return string(encoded)
}
