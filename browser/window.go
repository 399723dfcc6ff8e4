package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// NewTab opens an empty tab in a window of its own and returns when it can be
// used and the link stands.
func (c *Context) NewTab(ctx context.Context) (*Tab, error) {
	if c.ctx.Err() != nil {
		return nil, fmt.Errorf("new tab: %w", ErrClosed)
	}
	var t *Tab
	err := c.alone(ctx, func() error {
		id, err := c.openWindow(ctx)
		if err == nil {
			t, err = c.attach(ctx, "", chromedp.WithTargetID(id))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("new tab: %w", err)
	}
	return t, c.link.ready(ctx)
}

// alone opens a window when that closes nobody's popup.
func (c *Context) alone(ctx context.Context, open func() error) error {
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

// openWindow opens a window with an empty page. Off screen it is all page:
// nobody would see the address bar, and Chromium paints it at every step. On a
// display it lies in the corner, so that all of it is in the picture.
func (c *Context) openWindow(ctx context.Context) (target.ID, error) {
	yes, corner := true, int64(0)
	window := target.CreateTargetParams{URL: blank, BrowserContextID: c.id, NewWindow: &yes}
	if options := c.browser.options; options.Headed {
		window.Left, window.Top = &corner, &corner
		window.Width, window.Height = int64(options.Width), int64(options.Height)
	} else {
		window.WindowState = target.WindowStateFullscreen
	}
	opened, err := cdp.Call(ctx, c.browser.chromium, target.CreateTarget, window)
	return opened.TargetID, err
}
