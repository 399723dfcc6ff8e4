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

	"github.com/passkeylab/passkeylab/browser/internal/devtools"
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

// worker has nothing to do: this link needs no extension.
func (*bridgeLink) worker(*devtools.Session) {}

// ready does not wait: the script is in place before a page runs.
func (*bridgeLink) ready(context.Context) error { return nil }

// page puts the script into all documents of a page, and into the frames in it
// that Chromium runs in other processes.
func (b *bridgeLink) page(t *Tab, s *devtools.Session) {
	devtools.On(s, runtime.BindingCalled, func(e runtime.EventBindingCalled) {
		if e.Name == binding {
			b.called(t, s, e)
		}
	})
	devtools.On(s, target.AttachedToTarget, func(e target.EventAttachedToTarget) {
		b.frame(t, s.Conn().Session(e.SessionID))
	})
	yes := true
	t.await(devtools.Start(s, runtime.AddBinding, runtime.AddBindingParams{Name: binding}))
	t.await(devtools.Start(s, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: b.script(), RunImmediately: &yes}))
	t.await(devtools.Start(s, target.SetAutoAttach, target.SetAutoAttachParams{
		AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: &yes,
		Filter: target.Filter{{Type: "iframe"}, {Exclude: true}},
	}))
}

// frame prepares a frame of another process that has not run yet.
func (b *bridgeLink) frame(t *Tab, s *devtools.Session) {
	t.frames.watch(s)
	devtools.Start(s, page.Enable, page.EnableParams{})
	devtools.Start(s, runtime.Enable, cdp.Empty{})
	b.page(t, s)
	devtools.Start(s, runtime.RunIfWaitingForDebugger, cdp.Empty{})
}

func (b *bridgeLink) script() string {
	return fmt.Sprintf("(%s)({binding: %q, platform: %t, maxRequest: %d})",
		strings.TrimSpace(bridgeScript), binding, !b.context.options.Roaming, maxRequest)
}

// bridgeMessage is what bridge.js tells.
type bridgeMessage struct {
	Kind      string          `json:"kind"` // create, get, signal or cancel
	ID        int64           `json:"id"`
	Mediation string          `json:"mediation"`
	Signal    SignalKind      `json:"signal"`
	Options   json.RawMessage `json:"options"`
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
	case "cancel":
		return m, nil
	case string(ceremonyCreate), string(ceremonyGet):
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

func (b *bridgeLink) called(t *Tab, s *devtools.Session, e runtime.EventBindingCalled) {
	who, known := t.frames.caller(s.ID(), e.ExecutionContextID)
	if !known {
		return // a world that has gone, or that is not a page's own
	}
	m, err := parseBridgeMessage(e.Payload)
	if err != nil {
		b.desk.tell("message of a page at %s ignored: %w", who.origin, err)
		return
	}
	world := worldKey{s.ID(), e.ExecutionContextID}
	id := requestID{source: world.String(), number: m.ID}
	settle := func(o outcome) { b.settle(s, world, m, o) }
	switch m.Kind {
	case "cancel":
		b.desk.cancel(id)
	case "signal":
		b.desk.takeSignal(b.context.ctx, id, Signal{Origin: who.origin, Kind: m.Signal, Options: m.Options}, settle)
	default:
		// A request over the limits stays unanswered: bridge.js keeps to one
		// at a time, so it comes from a page that tampers with it.
		b.desk.take(b.context.ctx, id, id.source, ceremony(m.Kind), Request{
			Origin: who.origin, CrossOrigin: who.crossOrigin, TopOrigin: who.topOrigin,
			Mediation: m.Mediation, Options: m.Options,
		}, settle)
	}
}

// settle answers the page. The script refuses a malformed response towards the
// page and says here what was wrong.
func (b *bridgeLink) settle(s *devtools.Session, world worldKey, m bridgeMessage, o outcome) {
	yes := true
	pending := devtools.Start(s, runtime.Evaluate, runtime.EvaluateParams{
		Expression:    fmt.Sprintf("globalThis[%q](%d, %s)", binding, m.ID, bridgeAnswer(o)),
		ContextID:     world.id,
		ReturnByValue: &yes,
	})
	result, err := pending.Wait(b.context.ctx)
	if err != nil || result.Result == nil {
		return // the page has gone
	}
	var wrong string
	if json.Unmarshal(result.Result.Value, &wrong) == nil && wrong != "" {
		b.desk.tell("the answer to %s is malformed: %s", m.Kind, wrong)
	}
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
