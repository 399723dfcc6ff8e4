package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"

	"github.com/passkeylab/passkeylab/browser/internal/devtools"
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

// link is what a Link does to the targets of a context before they run. Its
// first two methods are called on the goroutine that reads the connection.
type link interface {
	// page prepares a page, or a frame of another process within it.
	page(t *Tab, s *devtools.Session)

	// worker prepares a worker of our extension.
	worker(s *devtools.Session)

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
	created, err := devtools.Call(ctx, b.conn.Browser(), target.CreateBrowserContext,
		target.CreateBrowserContextParams{DisposeOnDetach: &dispose})
	if err != nil {
		return nil, fmt.Errorf("new browser context: %w", err)
	}
	c.id = created.BrowserContextID
	c.ctx, c.cancel = context.WithCancel(context.Background())
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
	case LinkProxy:
		c.link = newProxyLink(c)
		return c.browser.loadExtension(ctx)
	default:
		return &UnknownLinkError{c.options.Link}
	}
	return nil
}

// NewTab opens an empty tab in a window of its own and returns when it can be
// used and the link stands.
func (c *Context) NewTab(ctx context.Context) (*Tab, error) {
	if c.ctx.Err() != nil {
		return nil, fmt.Errorf("new tab: %w", ErrClosed)
	}
	var created target.CreateTargetResult
	err := c.openWindow(ctx, func() (err error) {
		window := true
		created, err = devtools.Call(ctx, c.browser.conn.Browser(), target.CreateTarget,
			target.CreateTargetParams{URL: "about:blank", BrowserContextID: c.id, NewWindow: &window})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("new tab: %w", err)
	}
	t, err := c.waitTab(ctx, func(t *Tab) bool { return t.id == created.TargetID })
	if err != nil {
		return nil, fmt.Errorf("new tab: %w", err)
	}
	return t, c.link.ready(ctx)
}

// openWindow opens a window when that closes nobody's popup.
func (c *Context) openWindow(ctx context.Context, open func() error) error {
	focus := c.browser.focus
	if c.browser.desktop == nil {
		return c.browser.use(ctx, c, open)
	}
	if _, err := focus.take(ctx, c); err != nil {
		return err
	}
	defer focus.release(c)
	return open()
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
	t, err := c.waitTab(ctx, func(t *Tab) bool { return t.opener == opener.id })
	if err != nil {
		return nil, fmt.Errorf("popup of %s: %w", opener.id, err)
	}
	return t, nil
}

// waitTab returns the newest tab that fits, once it is set up.
func (c *Context) waitTab(ctx context.Context, fits func(*Tab) bool) (*Tab, error) {
	for {
		c.mu.Lock()
		changed := c.changed
		var found *Tab
		for _, t := range c.tabs {
			if fits(t) {
				found = t
			}
		}
		c.mu.Unlock()
		if found != nil {
			return found, found.setUp(ctx)
		}
		select {
		case <-changed:
		case <-c.ctx.Done():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Close ends the context with its tabs and what it stored. Requests that wait
// for an answer are cancelled. Closing twice does nothing.
func (c *Context) Close() error {
	if c.ctx.Err() != nil {
		return nil
	}
	c.cancel()
	ctx, cancel := context.WithTimeout(context.Background(), disposeGrace)
	defer cancel()
	err := devtools.Do(ctx, c.browser.conn.Browser(), target.DisposeBrowserContext,
		target.DisposeBrowserContextParams{BrowserContextID: c.id})
	c.browser.unregister(c)
	if err != nil && !errors.Is(err, devtools.ErrClosed) {
		return fmt.Errorf("close browser context: %w", err)
	}
	return nil
}

// adopt takes charge of a target of this context that has not run yet. It runs
// on the goroutine that reads the connection.
func (c *Context) adopt(s *devtools.Session, info *target.Info) {
	switch info.Type {
	case "page":
		c.addTab(newTab(c, s, info))
	case "service_worker":
		c.link.worker(s)
	}
	devtools.Start(s, runtime.RunIfWaitingForDebugger, cdp.Empty{})
}

func (c *Context) addTab(t *Tab) {
	c.mu.Lock()
	c.tabs = append(c.tabs, t)
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	go func() {
		<-t.session.Done()
		c.browser.focus.release(t)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tabs = slices.DeleteFunc(c.tabs, func(other *Tab) bool { return other == t })
	}()
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

func (noLink) page(*Tab, *devtools.Session) {}
func (noLink) worker(*devtools.Session)     {}
func (noLink) ready(context.Context) error  { return nil }
