package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
)

// UseRealUI chooses anew what [ContextOptions].RealUI chose for this tab, whose
// context must have LinkCDP. It unplugs all virtual authenticators of the tab,
// and requests that are pending fail.
func (t *Tab) UseRealUI(ctx context.Context, on bool) error {
	if t.context.options.Link != LinkCDP {
		return fmt.Errorf("the browser's own interface needs link %q, this context has %q", LinkCDP, t.context.options.Link)
	}
	if _, err := cdp.Call(ctx, t.target, webauthn.Disable, cdp.Empty{}); err != nil {
		return fmt.Errorf("switch off virtual authenticators: %w", err)
	}
	if _, err := cdp.Call(ctx, t.target, webauthn.Enable, webauthn.EnableParams{EnableUI: &on}); err != nil {
		return fmt.Errorf("switch on virtual authenticators: %w", err)
	}
	return nil
}
