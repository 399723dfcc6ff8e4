package browser

import (
	"context"
	"fmt"

	protocol "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
)

// Version is the product and its version, such as "Chrome/156.0.8078.79".
func (b *Browser) Version(ctx context.Context) (string, error) {
	told, err := cdp.Call(ctx, b.chromium, protocol.GetVersion, cdp.Empty{})
	if err != nil {
		return "", fmt.Errorf("ask the browser for its version: %w", err)
	}
	return told.Product, nil
}
