package browser

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/chromedp/cdproto/extensions"
	"github.com/chromedp/cdproto/runtime"

	"github.com/passkeylab/passkeylab/browser/internal/devtools"
)

//go:embed extension
var extensionFiles embed.FS

// binding is the name under which pages and workers reach Go.
const binding = "passkeylab"

// loadExtension installs the extension of the proxy link, once per Browser.
func (b *Browser) loadExtension(ctx context.Context) error {
	b.extension.Lock()
	defer b.extension.Unlock()
	if b.extension.loaded {
		return nil
	}
	files, err := fs.Sub(extensionFiles, "extension")
	if err != nil {
		return fmt.Errorf("embedded extension: %w", err)
	}
	dir := filepath.Join(b.dir, "extension")
	if err := os.CopyFS(dir, files); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write the extension of the proxy link: %w", err)
	}
	inContexts := true
	_, err = devtools.Call(ctx, b.conn.Browser(), extensions.LoadUnpacked,
		extensions.LoadUnpackedParams{Path: dir, EnableInIncognito: &inContexts})
	if err != nil {
		return fmt.Errorf("this browser loads no extension, use link %q instead: %w", LinkBridge, err)
	}
	b.extension.loaded = true
	return nil
}

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

// page has nothing to do: pages of this link are untouched.
func (p *proxyLink) page(*Tab, *devtools.Session) {}

// worker ties a worker that has not run yet to this context. It may be called
// again when Chromium restarts the worker.
func (p *proxyLink) worker(s *devtools.Session) {
	devtools.On(s, runtime.BindingCalled, func(e runtime.EventBindingCalled) {
		if e.Name == binding {
			p.called(s, e.Payload)
		}
	})
	devtools.Start(s, runtime.AddBinding, runtime.AddBindingParams{Name: binding})
	go func() {
		<-s.Done()
		p.desk.cancelSource(string(s.ID()))
	}()
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

func (p *proxyLink) called(s *devtools.Session, payload string) {
	var m workerMessage
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		p.desk.tell("message of the extension: %w", err)
		return
	}
	id := requestID{source: string(s.ID()), number: m.ID}
	switch m.Kind {
	case "attached":
		p.once.Do(func() {
			if m.Error != "" {
				p.err = fmt.Errorf("the extension could not take over WebAuthn: %s", m.Error)
			}
			close(p.attached)
		})
	case "cancel":
		p.desk.cancel(id)
	case "uvpaa":
		p.evaluate(s, fmt.Sprintf("proxy.completeIsUvpaaRequest({requestId: %d, isUvpaa: %t})", m.ID, !p.context.options.Roaming))
	case string(ceremonyCreate), string(ceremonyGet):
		p.take(s, id, ceremony(m.Kind), m.Options)
	}
}

func (p *proxyLink) take(s *devtools.Session, id requestID, what ceremony, details string) {
	if len(details) > maxRequest {
		p.settle(s, id, what, refuse(notAllowed))
		return
	}
	r, err := proxyRequest(details)
	if err != nil {
		p.desk.tell("request of the proxy link: %w", err)
		p.settle(s, id, what, refuse(notAllowed))
		return
	}
	if r.CrossOrigin {
		r.TopOrigin = p.context.onlyOrigin()
	}
	// Chromium does not tell when the page that asked has gone.
	owner := p.context.onlyWorld(r.Origin)
	if !p.desk.take(p.context.ctx, id, owner, what, r, func(o outcome) { p.settle(s, id, what, o) }) {
		p.settle(s, id, what, refuse(notAllowed))
	}
}

// settle answers Chromium. When it finds the response malformed it keeps the
// request pending, so a second answer, an error, follows.
func (p *proxyLink) settle(s *devtools.Session, id requestID, what ceremony, o outcome) {
	pending := p.evaluate(s, settleExpression(id.number, what, o))
	go func() {
		result, err := pending.Wait(p.context.ctx)
		switch {
		case err != nil: // the worker has gone, and the request with it
		case result.ExceptionDetails != nil && o.exception == nil:
			p.desk.tell("Chromium refused the answer to %s: %s", what, exceptionText(result.ExceptionDetails))
			p.evaluate(s, settleExpression(id.number, what, refuse(notAllowed)))
		}
	}()
}

func (p *proxyLink) evaluate(s *devtools.Session, expression string) devtools.Reply[runtime.EvaluateResult] {
	wait := true
	return devtools.Start(s, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, AwaitPromise: &wait})
}

// settleExpression calls settle in worker.js. JSON is a subset of JavaScript,
// so the values need no further quoting.
func settleExpression(number int64, what ceremony, o outcome) string {
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
