package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// binding is the name under which pages and workers reach Go.
const binding = "passkeylab"

// proxyLink carries requests between the extension's worker of one context and
// the context's desk.
type proxyLink struct {
	context *Context
	desk    *desk

	once     sync.Once
	attached chan struct{} // closed when the worker stands in for WebAuthn
	err      error         // why it does not; read after attached
}

func newProxyLink(c *Context) *proxyLink {
	return &proxyLink{context: c, desk: c.desk, attached: make(chan struct{})}
}

// tab has nothing to do: pages of this link are untouched.
func (p *proxyLink) tab(context.Context, *Tab) error { return nil }

// worker ties the extension's worker to this context. It is called again when
// Chromium restarts the worker.
func (p *proxyLink) worker(info *target.Info) {
	go func() {
		if info.URL != p.context.browser.extension.worker() {
			return
		}
		if err := p.attach(info.TargetID); err != nil && p.context.ctx.Err() == nil {
			p.finish(fmt.Errorf("attach to the extension: %w", err))
		}
	}()
}

func (p *proxyLink) attach(id target.ID) error {
	w := &proxyWorker{link: p}
	// The worker ends by itself, with its context.
	life, _ := chromedp.NewContext(p.context.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel(),
		chromedp.WithListener(w.event))
	ready := func(ctx context.Context, t *chromedp.Target) error {
		w.target = t
		if _, err := cdp.Call(ctx, t, runtime.AddBinding, runtime.AddBindingParams{Name: binding}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{
			Expression: "(globalThis.linked ??= Promise.withResolvers()).resolve()",
		})
		return err
	}
	if err := chromedp.Do(life, chromedp.Func(ready)); err != nil {
		return err
	}
	gone, err := chromedp.Detached(life)
	if err != nil {
		return err
	}
	select {
	case <-gone:
	case <-life.Done():
	}
	p.desk.cancelOwner(w.name())
	return nil
}

// finish says that the worker stands in for WebAuthn, or why it does not.
func (p *proxyLink) finish(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.attached)
	})
}

// ready waits until requests of pages go to Go and nowhere else.
func (p *proxyLink) ready(ctx context.Context) error {
	select {
	case <-p.attached:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("the extension of the proxy link did not answer: %w", context.Cause(ctx))
	}
}

// workerMessage is what worker.js tells.
type workerMessage struct {
	Kind    string `json:"kind"` // attached, create, get, uvpaa or cancel
	ID      int64  `json:"id"`
	Options string `json:"options"`
	Error   string `json:"error"`
}

// proxyWorker is one run of the extension's worker.
type proxyWorker struct {
	link   *proxyLink
	target *chromedp.Target // set before the worker may call
}

// name tells the requests of this run from those of others.
func (w *proxyWorker) name() string { return fmt.Sprintf("%p", w) }

// event runs on the goroutine that reads the worker's messages.
func (w *proxyWorker) event(ev any) {
	e, ok := ev.(*runtime.EventBindingCalled)
	if !ok || e.Name != binding {
		return
	}
	var m workerMessage
	if err := json.Unmarshal([]byte(e.Payload), &m); err != nil {
		w.link.desk.tell("message of the extension: %w", err)
		return
	}
	w.called(m)
}

func (w *proxyWorker) called(m workerMessage) {
	id := requestID{source: w.name(), number: m.ID}
	switch m.Kind {
	case "attached":
		var err error
		if m.Error != "" {
			err = fmt.Errorf("the extension could not take over WebAuthn: %s", m.Error)
		}
		w.link.finish(err)
	case "cancel":
		w.link.desk.cancel(id)
	case "uvpaa":
		go w.evaluate(fmt.Sprintf("proxy.completeIsUvpaaRequest({requestId: %d, isUvpaa: %t})", m.ID, !w.link.context.options.Roaming))
	case string(methodCreate), string(methodGet):
		w.take(id, method(m.Kind), m.Options)
	}
}

func (w *proxyWorker) take(id requestID, what method, details string) {
	p := w.link
	r, err := proxyRequest(details)
	if err != nil {
		p.desk.tell("request of the proxy link: %w", err)
		go w.settle(id, what, refuse(notAllowed))
		return
	}
	if r.CrossOrigin {
		r.TopOrigin = p.context.onlyOrigin()
	}
	// Chromium does not tell when the page that asked has gone.
	owner := p.context.onlyWorld(r.Origin)
	if !p.desk.take(p.context.ctx, id, owner, what, r, func(o outcome) { w.settle(id, what, o) }) {
		go w.settle(id, what, refuse(notAllowed))
	}
}

// settle answers Chromium. When it finds the response malformed it keeps the
// request pending, so a second answer, an error, follows.
func (w *proxyWorker) settle(id requestID, what method, o outcome) {
	wrong := w.evaluate(settleExpression(id.number, what, o))
	if wrong != "" && o.exception == nil {
		w.link.desk.tell("Chromium refused the answer to %s: %s", what, wrong)
		w.evaluate(settleExpression(id.number, what, refuse(notAllowed)))
	}
}

// evaluate runs an expression in the worker and returns what it threw. A worker
// that has gone took its requests along.
func (w *proxyWorker) evaluate(expression string) (thrown string) {
	wait := true
	result, err := cdp.Call(w.link.context.ctx, w.target, runtime.Evaluate,
		runtime.EvaluateParams{Expression: expression, AwaitPromise: &wait})
	if err != nil || result.ExceptionDetails == nil {
		return ""
	}
	return exceptionText(result.ExceptionDetails)
}

// settleExpression calls settle in worker.js. JSON is a subset of JavaScript,
// so the values need no further quoting.
func settleExpression(number int64, what method, o outcome) string {
	type named struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	var answer struct {
		ResponseJSON string `json:"responseJson,omitempty"`
		Error        *named `json:"error,omitempty"`
	}
	answer.ResponseJSON = string(o.response)
	if o.exception != nil {
		answer.Error = &named{o.exception.Name, o.exception.Message}
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		return "" // strings always encode
	}
	return fmt.Sprintf("settle(%q, %d, %s)", what, number, encoded)
}

// proxyRequest reads the options as Chromium hands them to the extension. The
// origin of the caller travels in them as an extension input that no page can
// set; it is taken out again.
func proxyRequest(details string) (Request, error) {
	if len(details) > maxRequest {
		return Request{}, fmt.Errorf("%d bytes are more than the %d allowed", len(details), maxRequest)
	}
	var options, inputs map[string]json.RawMessage
	if err := json.Unmarshal([]byte(details), &options); err != nil {
		return Request{}, fmt.Errorf("options: %w", err)
	}
	if err := json.Unmarshal(options["extensions"], &inputs); err != nil {
		return Request{}, fmt.Errorf("extensions of the options: %w", err)
	}
	const callerInput = "remoteDesktopClientOverride"
	var caller struct {
		Origin                  string `json:"origin"`
		SameOriginWithAncestors bool   `json:"sameOriginWithAncestors"`
	}
	if err := json.Unmarshal(inputs[callerInput], &caller); err != nil || caller.Origin == "" {
		return Request{}, fmt.Errorf("options name no origin (%v)", err)
	}
	delete(inputs, callerInput)
	delete(options, "extensions")
	if len(inputs) > 0 {
		encoded, err := json.Marshal(inputs)
		if err != nil {
			return Request{}, fmt.Errorf("extensions of the options: %w", err)
		}
		options["extensions"] = encoded
	}
	encoded, err := json.Marshal(options)
	return Request{Origin: caller.Origin, CrossOrigin: !caller.SameOriginWithAncestors, Options: encoded}, err
}
