package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// jpegQuality is high enough to read the text of a page.
const jpegQuality = 50

// Screenshot is a JPEG of what the tab shows now.
func (t *Tab) Screenshot(ctx context.Context) ([]byte, error) {
	quality := int64(jpegQuality)
	got, err := cdp.Call(ctx, t.target, page.CaptureScreenshot,
		page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatJpeg, Quality: &quality})
	if err != nil {
		return nil, fmt.Errorf("screenshot: %w", err)
	}
	return got.Data, nil
}

// FullPage is a PNG of the whole page, also of what has to be scrolled to.
func (t *Tab) FullPage(ctx context.Context) ([]byte, error) {
	metrics, err := cdp.Call(ctx, t.target, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return nil, fmt.Errorf("size of the page: %w", err)
	}
	size, beyond := metrics.CSSContentSize, true
	got, err := cdp.Call(ctx, t.target, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: size.Width, Height: size.Height, Scale: 1},
	})
	if err != nil {
		return nil, fmt.Errorf("screenshot: %w", err)
	}
	return got.Data, nil
}

// Viewport is the part of a page that can be seen, and on what.
type Viewport struct {
	Width, Height int     // in CSS pixels
	Scale         float64 // device pixels per CSS pixel
	Phone         bool    // touch instead of a mouse, and a phone's rules for width
}

// PhoneViewport is the size of a common phone held upright.
func PhoneViewport() Viewport { return Viewport{Width: 390, Height: 844, Scale: 3, Phone: true} }

// DesktopViewport is the size of a laptop's window.
func DesktopViewport() Viewport { return Viewport{Width: 1280, Height: 800, Scale: 1} }

// SetViewport gives the page another size from now on.
func (t *Tab) SetViewport(ctx context.Context, v Viewport) error {
	_, err := cdp.Call(ctx, t.target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(v.Width), Height: int64(v.Height), DeviceScaleFactor: v.Scale, Mobile: v.Phone,
	})
	if err == nil {
		_, err = cdp.Call(ctx, t.target, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: v.Phone})
	}
	if err != nil {
		return fmt.Errorf("set viewport: %w", err)
	}
	return nil
}

// SetDark says whether pages find that the user prefers dark colours.
func (t *Tab) SetDark(ctx context.Context, dark bool) error {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := cdp.Call(ctx, t.target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		return fmt.Errorf("set colour scheme: %w", err)
	}
	return nil
}
