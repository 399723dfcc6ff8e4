package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// disposeGrace is how long Close waits for Chromium to forget a context.
const disposeGrace = 10 * time.Second

// ErrClosed is wrapped by errors of a Context or Browser that was closed.
var ErrClosed = errors.New("browser context is closed")

// ContextOptions say how the pages of a Context find their passkeys.
type ContextOptions struct {
	// Link is how; LinkNone leaves WebAuthn to Chromium.
	Link Link

	// Answerer stands behind the links proxy and bridge, which need one.
	Answerer Answerer

	// RealUI makes Chromium show its own passkey interface with link cdp: the
	// autofill popup on a focused field, and modal dialogs. Without it
	// Chromium answers by itself, as if the user had picked at once.
	RealUI bool

	// Roaming says that no authenticator is part of this computer, so that
	// isUserVerifyingPlatformAuthenticatorAvailable gives false (links proxy
	// and bridge).
	Roaming bool

	// Timeout limits each request instead of the timeout in its options. Zero
	// keeps the page's: exact with the bridge, at least three minutes with
	// the proxy, because Chromium raises shorter ones before we see them.
	Timeout time.Duration

	// Report, when set, receives what went wrong where no caller waits: an
	// answer that Chromium refused, an error without a DOMException's name,
	// garbage sent by a page. It may be called concurrently.
	Report func(error)
}

// Context is a set of tabs that share cookies, storage and passkeys with each
// other and with nobody else: one person's browser on one device.
type Context struct {
	browser *Browser
	options ContextOptions
	id      cdp.BrowserContextID
	desk    *desk
	link    link

	ctx    context.Context // ends with Close; what answerers work under
	cancel context.CancelFunc

	mu      sync.Mutex
	tabs    []*Tab
	changed chan struct{} // closed and replaced whenever tabs changes
}

// link is what a Link does to the targets of a context.
type link interface {
	// tab completes a tab that chromedp has attached to.
	tab(ctx context.Context, t *Tab) error

	// worker is told of every service worker of the context.
	worker(info *target.Info)

	// ready waits until pages may be opened.
	ready(ctx context.Context) error
}

// NewContext opens a fresh context. Contexts are independent of each other and
// may be used in parallel. Close it when done.
func (b *Browser) NewContext(ctx context.Context, options ContextOptions) (*Context, error) {
	c := &Context{browser: b, options: options, desk: newDesk(options), changed: make(chan struct{})}
	if err := c.choose(ctx); err != nil {
		return nil, err
	}
	dispose := true
	created, err := cdp.Call(ctx, b.chromium, target.CreateBrowserContext,
		target.CreateBrowserContextParams{DisposeOnDetach: &dispose})
	if err != nil {
		return nil, fmt.Errorf("new browser context: %w", err)
	}
	c.id = created.BrowserContextID
	c.ctx, c.cancel = context.WithCancel(b.root)
	b.register(c)
	return c, nil
}

// choose makes the link that the options ask for.
func (c *Context) choose(ctx context.Context) error {
	needsAnswerer := c.options.Link == LinkProxy || c.options.Link == LinkBridge
	if needsAnswerer && c.options.Answerer == nil {
		return fmt.Errorf("link %q needs ContextOptions.Answerer", c.options.Link)
	}
	switch c.options.Link {
	case LinkNone:
		c.link = noLink{}
	case LinkCDP:
		c.link = cdpLink{realUI: c.options.RealUI}
	case LinkBridge:
		c.link = &bridgeLink{context: c, desk: c.desk}
		return c.browser.bridges.enable(ctx, c.browser)
	case LinkProxy:
		c.link = newProxyLink(c)
		return c.browser.extension.load(ctx, c.browser)
	default:
		return &UnknownLinkError{c.options.Link}
	}
	return nil
}

// Tabs lists the open tabs and popups, oldest first.
func (c *Context) Tabs() []*Tab {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.tabs)
}

// WaitPopup returns the newest tab that a page of opener has opened, waiting
// for one if there is none yet.
func (c *Context) WaitPopup(ctx context.Context, opener *Tab) (*Tab, error) {
	for {
		c.mu.Lock()
		changed := c.changed
		var popup *Tab
		for _, t := range c.tabs {
			if t.opener == opener.id() {
				popup = t
			}
		}
		c.mu.Unlock()
		if popup != nil {
			return popup, nil
		}
		select {
		case <-changed:
		case <-c.ctx.Done():
			return nil, fmt.Errorf("popup: %w", ErrClosed)
		case <-ctx.Done():
			return nil, fmt.Errorf("no popup was opened: %w", context.Cause(ctx))
		}
	}
}

// Close ends the context with its tabs and what it stored. Requests that wait
// for an answer are cancelled. Closing twice does nothing.
func (c *Context) Close() error {
	if c.ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), disposeGrace)
	defer cancel()
	c.browser.unregister(c)
	_, err := cdp.Call(ctx, c.browser.chromium, target.DisposeBrowserContext,
		target.DisposeBrowserContextParams{BrowserContextID: c.id})
	c.cancel()
	// A browser that has gone took the context along; chromedp then says that
	// its own context was cancelled.
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("close browser context: %w", err)
	}
	return nil
}

// created is told of every target of this context, on the goroutine that reads
// from the browser.
func (c *Context) created(info *target.Info) {
	switch {
	case info.Type == "service_worker":
		c.link.worker(info)
	case info.Type == "page" && info.OpenerID != "":
		go func() {
			// A popup that closes at once is none; the page sees to itself.
			_, _ = c.attach(c.ctx, info.OpenerID, chromedp.WithTargetID(info.TargetID))
		}()
	}
}

// attach has chromedp attach to a new or existing page.
func (c *Context) attach(ctx context.Context, opener target.ID, which chromedp.ContextOption) (*Tab, error) {
	t := newTab(c, opener)
	if err := t.attach(ctx, which); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tabs = append(c.tabs, t)
	close(c.changed)
	c.changed = make(chan struct{})
	go func() {
		<-t.gone
		c.browser.focus.release(t)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tabs = slices.DeleteFunc(c.tabs, func(other *Tab) bool { return other == t })
	}()
	return t, nil
}

// onlyOrigin is the origin of the page when there is just one, else empty. The
// proxy link learns that a frame is cross-origin, but not which page it is in.
func (c *Context) onlyOrigin() string {
	if tabs := c.Tabs(); len(tabs) == 1 {
		return tabs[0].frames.origin(tabs[0].mainFrame())
	}
	return ""
}

// onlyWorld is the world of the frame with that origin when there is just one,
// else empty.
func (c *Context) onlyWorld(origin string) string {
	var worlds []worldKey
	for _, t := range c.Tabs() {
		worlds = append(worlds, t.frames.worldsOf(origin)...)
	}
	if len(worlds) == 1 {
		return worlds[0].String()
	}
	return ""
}

// noLink leaves everything as it is.
type noLink struct{}

func (noLink) tab(context.Context, *Tab) error { return nil }
func (noLink) worker(*target.Info)             {}
func (noLink) ready(context.Context) error     { return nil }
