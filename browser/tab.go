package browser

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Tab is one page and whatever it navigates to. Its methods wait until what
// they need is there, and return when ctx ends with an error that says what the
// page showed instead. One Tab is to be driven by one goroutine at a time.
type Tab struct {
	context *Context
	opener  target.ID        // the tab whose page opened this one, if any
	target  *chromedp.Target // set by attach
	life    context.Context  // chromedp's context of the tab, likewise
	gone    chan struct{}    // closed when the page has closed
	process context.Context  // ends when the page's process has, by itself
	crashed context.CancelFunc
	frames  *frames
	journal journal

	mu      sync.Mutex
	current cdp.LoaderID  // the document in the main frame
	loaded  cdp.LoaderID  // the last document that fired load
	changed chan struct{} // closed and replaced whenever these change
}

func newTab(c *Context, opener target.ID) *Tab {
	process, crashed := context.WithCancel(context.Background())
	return &Tab{
		context: c,
		opener:  opener,
		gone:    make(chan struct{}),
		process: process,
		crashed: crashed,
		frames:  newFrames(func(w worldKey) { c.desk.cancelOwner(w.String()) }),
		changed: make(chan struct{}),
	}
}

// attach has chromedp attach to the page. The tab then lives until it or its
// context is closed; ctx limits the attaching only.
func (t *Tab) attach(ctx context.Context, which chromedp.ContextOption) error {
	life, cancel := chromedp.NewContext(t.context.ctx, which, chromedp.WithListener(t.event))
	inTime := context.AfterFunc(ctx, cancel)
	err := chromedp.Do(life)
	if !inTime() {
		return context.Cause(ctx)
	}
	if err != nil {
		cancel()
		return err
	}
	t.life, t.target = life, chromedp.FromContext(life).Target
	detached, err := chromedp.Detached(life)
	if err != nil {
		cancel()
		return err
	}
	go func() {
		select {
		case <-detached:
		case <-life.Done():
		}
		close(t.gone)
		cancel()
	}()
	go t.lighten(life)
	return t.context.link.tab(ctx, t)
}

// lighten ends the mirror of the document that chromedp keeps. This package
// looks at pages from within, and a mirror costs time at every change of a page.
func (t *Tab) lighten(ctx context.Context) {
	// Without these the tab is slower, and otherwise the same.
	_, _ = cdp.Call(ctx, t.target, css.Disable, cdp.Empty{})
	_, _ = cdp.Call(ctx, t.target, dom.Disable, cdp.Empty{})
	_, _ = cdp.Call(ctx, t.target, network.Disable, cdp.Empty{})
}

// event runs on the goroutine that reads the messages of the tab.
func (t *Tab) event(ev any) {
	switch e := ev.(type) {
	case *page.EventLifecycleEvent:
		t.lifecycle(e)
	case *inspector.EventTargetCrashed:
		t.crashed()
	}
	t.frames.event(t.sessionName(), ev)
	t.journal.event(ev)
}

// sessionName tells the worlds of this tab from those of others. It is needed
// before chromedp has named the session.
func (t *Tab) sessionName() string { return fmt.Sprintf("%p", t) }

// Context is the context the tab belongs to.
func (t *Tab) Context() *Context { return t.context }

func (t *Tab) id() target.ID { return t.target.TargetID }

// mainFrame is the page's own frame, which shares its name with the target.
func (t *Tab) mainFrame() cdp.FrameID { return cdp.FrameID(t.target.TargetID) }

func (t *Tab) lifecycle(e *page.EventLifecycleEvent) {
	if t.frames.parent(e.FrameID) != "" {
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
	started, err := cdp.Call(ctx, t.target, page.Navigate, page.NavigateParams{URL: url})
	switch {
	case err != nil:
		return t.explain(ctx, fmt.Errorf("open %s: %w", url, err))
	case started.ErrorText != "":
		return t.refused(ctx, fmt.Errorf("open %s: %s", url, started.ErrorText))
	case started.LoaderID == "":
		return nil // another place in the same document
	}
	if err := t.waitLoaded(ctx, before); err != nil {
		return t.explain(ctx, fmt.Errorf("load %s: %w", url, err))
	}
	return nil
}

// refused adds to the error of a navigation that the page's process has ended, where
// it has: Chromium says so after it has called the navigation aborted.
func (t *Tab) refused(ctx context.Context, err error) error {
	if t.Eval(ctx, "null", nil) != nil && t.Ended() != nil {
		return fmt.Errorf("%w (%w)", err, t.Ended())
	}
	return err
}

// blank is the address of an empty page.
const blank = "about:blank"

// Blank leaves the page for an empty one. It does so from within, because then
// the process stays, also for the next page of the same site. [Tab.Navigate]
// would start others if the page has a Cross-Origin-Opener-Policy.
func (t *Tab) Blank(ctx context.Context) error {
	before := t.document()
	err := t.Eval(ctx, fmt.Sprintf("location.replace(%q)", blank), nil)
	if err == nil {
		err = t.waitLoaded(ctx, before)
	}
	if err != nil {
		return t.explain(ctx, fmt.Errorf("leave the page: %w", err))
	}
	return nil
}

// Reload loads the page again and returns when it has loaded.
func (t *Tab) Reload(ctx context.Context) error {
	before := t.document()
	_, err := cdp.Call(ctx, t.target, page.Reload, page.ReloadParams{})
	if err == nil {
		err = t.waitLoaded(ctx, before)
	}
	if err != nil {
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
		case <-t.gone:
			return chromedp.ErrTargetDetached
		case <-t.process.Done():
			return errCrashed
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
	_, err := cdp.Call(ctx, t.target, page.BringToFront, cdp.Empty{})
	return err
}

// Close closes the tab.
func (t *Tab) Close(ctx context.Context) error {
	_, err := cdp.Call(ctx, t.context.browser.chromium, target.CloseTarget, target.CloseTargetParams{TargetID: t.id()})
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("close tab: %w", err)
	}
	select {
	case <-t.gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
