package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/storage"
)

// Forget clears the cookies of the context, which is what a login leaves
// behind, so that the context can serve somebody else.
func (c *Context) Forget(ctx context.Context) error {
	_, err := cdp.Call(ctx, c.browser.chromium, storage.ClearCookies, storage.ClearCookiesParams{BrowserContextID: c.id})
	if err != nil {
		return fmt.Errorf("clear the cookies of a browser context: %w", err)
	}
	return nil
}
