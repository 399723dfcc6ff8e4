package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"

	"github.com/passkeylab/passkeylab/browser/internal/devtools"
)

// UseRealUI chooses anew what [ContextOptions].RealUI chose for this tab, whose
// context must have LinkCDP. It unplugs all virtual authenticators of the tab,
// and requests that are pending fail.
func (t *Tab) UseRealUI(ctx context.Context, on bool) error {
	if t.context.options.Link != LinkCDP {
		return fmt.Errorf("Chromium's own interface needs link %q, this context has %q", LinkCDP, t.context.options.Link)
	}
	if err := devtools.Do(ctx, t.session, webauthn.Disable, cdp.Empty{}); err != nil {
		return fmt.Errorf("switch off virtual authenticators: %w", err)
	}
	if err := devtools.Do(ctx, t.session, webauthn.Enable, webauthn.EnableParams{EnableUI: &on}); err != nil {
		return fmt.Errorf("switch on virtual authenticators: %w", err)
	}
	return nil
}
