package browser

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"

	"github.com/passkeylab/passkeylab/browser/internal/devtools"
)

// Tab is one page and whatever it navigates to. Its methods wait until what
// they need is there, and return when ctx ends with an error that says what the
// page showed instead. One Tab is to be driven by one goroutine at a time.
type Tab struct {
	context *Context
	session *devtools.Session
	id      target.ID
	opener  target.ID // the tab whose page opened this one, if any
	frames  *frames
	journal journal

	preparing sync.Mutex
	prepare   []waiter // set-up commands under way

	mu      sync.Mutex
	current cdp.LoaderID  // the document in the main frame
	loaded  cdp.LoaderID  // the last document that fired load
	changed chan struct{} // closed and replaced whenever these change
}

// newTab prepares a page that has not run yet. Nothing is awaited here, because
// a paused page answers only some of the commands.
func newTab(c *Context, s *devtools.Session, info *target.Info) *Tab {
	t := &Tab{
		context: c,
		session: s,
		id:      info.TargetID,
		opener:  info.OpenerID,
		frames:  newFrames(func(w worldKey) { c.desk.cancelSource(w.String()) }),
		changed: make(chan struct{}),
	}
	t.frames.watch(s)
	t.journal.watch(s)
	devtools.On(s, page.LifecycleEvent, t.lifecycle)
	t.await(devtools.Start(s, page.Enable, page.EnableParams{}))
	t.await(devtools.Start(s, page.SetLifecycleEventsEnabled, page.SetLifecycleEventsEnabledParams{Enabled: true}))
	t.await(devtools.Start(s, runtime.Enable, cdp.Empty{}))
	t.await(devtools.Start(s, log.Enable, cdp.Empty{}))
	c.link.page(t, s)
	return t
}

// waiter is a command that was sent and whose result does not matter.
type waiter interface {
	Done(ctx context.Context) error
}

// await has setUp wait for a command.
func (t *Tab) await(command waiter) {
	t.preparing.Lock()
	defer t.preparing.Unlock()
	t.prepare = append(t.prepare, command)
}

// setUp waits until the page has taken the commands that prepare it.
func (t *Tab) setUp(ctx context.Context) error {
	t.preparing.Lock()
	commands := t.prepare
	t.prepare = nil
	t.preparing.Unlock()
	for _, command := range commands {
		if err := command.Done(ctx); err != nil {
			return fmt.Errorf("set up tab: %w", err)
		}
	}
	return nil
}

// Context is the context the tab belongs to.
func (t *Tab) Context() *Context { return t.context }

// mainFrame is the page's own frame, which shares its name with the target.
func (t *Tab) mainFrame() cdp.FrameID { return cdp.FrameID(t.id) }

func (t *Tab) lifecycle(e page.EventLifecycleEvent) {
	if e.FrameID != t.mainFrame() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e.Name {
	case "init":
		t.current = e.LoaderID
	case "load":
		t.loaded = e.LoaderID
	default:
		return
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// document is the document that the tab shows now.
func (t *Tab) document() cdp.LoaderID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// Navigate opens a URL and returns when it, or what it redirected to, has
// loaded.
func (t *Tab) Navigate(ctx context.Context, url string) error {
	before := t.document()
	started, err := devtools.Call(ctx, t.session, page.Navigate, page.NavigateParams{URL: url})
	switch {
	case err != nil:
		return t.explain(ctx, fmt.Errorf("open %s: %w", url, err))
	case started.ErrorText != "":
		return fmt.Errorf("open %s: %s", url, started.ErrorText)
	case started.LoaderID == "":
		return nil // another place in the same document
	}
	if err := t.waitLoaded(ctx, before); err != nil {
		return t.explain(ctx, fmt.Errorf("load %s: %w", url, err))
	}
	return nil
}

// Reload loads the page again and returns when it has loaded.
func (t *Tab) Reload(ctx context.Context) error {
	before := t.document()
	if err := devtools.Do(ctx, t.session, page.Reload, page.ReloadParams{}); err != nil {
		return t.explain(ctx, fmt.Errorf("reload: %w", err))
	}
	if err := t.waitLoaded(ctx, before); err != nil {
		return t.explain(ctx, fmt.Errorf("reload: %w", err))
	}
	return nil
}

// waitLoaded waits until a document other than before is there and has loaded.
func (t *Tab) waitLoaded(ctx context.Context, before cdp.LoaderID) error {
	for {
		t.mu.Lock()
		done, changed := t.current != before && t.current == t.loaded, t.changed
		t.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-t.session.Done():
			return devtools.ErrDetached
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// URL is the address of the page.
func (t *Tab) URL(ctx context.Context) (string, error) {
	var url string
	return url, t.Eval(ctx, "location.href", &url)
}

// BringToFront gives the tab the focus, which Chromium demands of a page that
// uses WebAuthn while another tab was used last.
func (t *Tab) BringToFront(ctx context.Context) error {
	return devtools.Do(ctx, t.session, page.BringToFront, cdp.Empty{})
}

// Close closes the tab.
func (t *Tab) Close(ctx context.Context) error {
	err := devtools.Do(ctx, t.context.browser.conn.Browser(), target.CloseTarget, target.CloseTargetParams{TargetID: t.id})
	if err != nil && !errors.Is(err, devtools.ErrClosed) {
		return fmt.Errorf("close tab: %w", err)
	}
	select {
	case <-t.session.Done():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
