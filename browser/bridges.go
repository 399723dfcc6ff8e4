package browser

import (
	"context"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"

	"github.com/passkeylab/passkeylab/browser/internal/relay"
)

// bridges sees to it that the bridge's script is in a page before the page
// runs, also in a popup. For that the browser stops every new page until it was
// met here.
type bridges struct {
	mu      sync.Mutex
	enabled bool
}

// enable has the browser stop new pages from now on.
func (b *bridges) enable(ctx context.Context, in *Browser) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.enabled {
		return nil
	}
	flat := true
	_, err := cdp.Call(ctx, in.chromium, target.SetAutoAttach, target.SetAutoAttachParams{
		AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: &flat,
		Filter: target.Filter{{Type: "page"}, {Exclude: true}},
	})
	if err != nil {
		return fmt.Errorf("watch for pages to bridge: %w", err)
	}
	b.enabled = true
	return nil
}

// meet prepares a page that has stopped, if its context wants that, and lets it
// run.
func (b *bridges) meet(in *Browser, e *target.EventAttachedToTarget) {
	s := in.relay.Session(e.SessionID)
	if c := in.context(e.TargetInfo.BrowserContextID); c != nil {
		if link, ok := c.link.(*bridgeLink); ok {
			link.install(s)
		}
	}
	resume(s)
}

// resume lets a page or frame run that has stopped.
func resume(s *relay.Session) {
	// Sending fails only when the browser has ended.
	_ = relay.Send(s, runtime.RunIfWaitingForDebugger, cdp.Empty{})
}
