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
	if err := t.UseRealDevices(ctx); err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, t.target, webauthn.Enable, webauthn.EnableParams{EnableUI: &on}); err != nil {
		return fmt.Errorf("switch on virtual authenticators: %w", err)
	}
	return nil
}

// UseRealDevices has pages of this tab, whose context must have LinkCDP, find what
// the machine offers, as with LinkNone, until [Tab.UseRealUI]. It unplugs all virtual
// authenticators of the tab, and requests that are pending fail.
func (t *Tab) UseRealDevices(ctx context.Context) error {
	if t.context.options.Link != LinkCDP {
		return fmt.Errorf("a choice of devices needs link %q, this context has %q", LinkCDP, t.context.options.Link)
	}
	if _, err := cdp.Call(ctx, t.target, webauthn.Disable, cdp.Empty{}); err != nil {
		return fmt.Errorf("switch off virtual authenticators: %w", err)
	}
	return nil
}
