package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/passkeylab/passkeylab/browser/internal/desktop"
	"github.com/passkeylab/passkeylab/browser/internal/relay"
	"github.com/passkeylab/passkeylab/internal/child"
	"github.com/passkeylab/passkeylab/internal/scratch"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// closeGrace is how long Close lets Chromium end by itself before it is killed.
const closeGrace = 5 * time.Second

// Browser is one running Chromium. Its methods may be called concurrently.
type Browser struct {
	options Options
	scratch *scratch.Dir     // profile and extension; removed by Close
	desktop *desktop.Desktop // nil when headless
	focus   *focus
	code    lastCode

	root     context.Context // chromedp's context of the browser, which has no tab
	stop     context.CancelFunc
	chromium *chromedp.Browser // nil until it runs
	relay    *relay.Relay
	bus      *usbkey.Bus // nil without keys
	tapErr   error       // of relay and bus
	output   lastOutput
	leaving  atomic.Bool        // Close has begun while the browser ran
	howEnded func() *EndedError // asked once, as Close takes what tells

	extension extension
	bridges   bridges

	mu       sync.Mutex
	contexts map[cdp.BrowserContextID]*Context

	closing  sync.Once
	closeErr error
}

// Launch starts Chromium and returns when it answers. ctx limits the start
// only; the browser lives until Close. It starts goroutines, all of which end
// with the browser.
func Launch(ctx context.Context, options Options) (*Browser, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := scratch.Make(os.TempDir(), "passkeylab-browser-")
	if err != nil {
		return nil, fmt.Errorf("directory for the browser's profile: %w", err)
	}
	b := &Browser{options: options, scratch: dir, focus: newFocus(), contexts: map[cdp.BrowserContextID]*Context{}}
	b.howEnded = sync.OnceValue(b.findOutHowEnded)
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Browser) start(ctx context.Context) error {
	if err := b.openDesktop(ctx); err != nil {
		return err
	}
	options := append(b.options.allocator(filepath.Join(b.scratch.Path, "profile")), chromedp.ModifyCmdFunc(b.prepare))
	environ, err := b.environ(ctx)
	if err != nil {
		return err
	}
	options = append(options, chromedp.Env(environ...), chromedp.CombinedOutput(&b.output))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	root, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(ignore), chromedp.WithLogf(ignore))
	cancel = sync.OnceFunc(cancel) // chromedp's would wait for ever the second time
	b.root, b.stop = root, func() { cancel(); end() }
	// What starts the browser binds its life to the context, so ctx ends that
	// only while the start is under way.
	inTime := context.AfterFunc(ctx, cancel)
	_, err = chromedp.Targets(root)
	if !inTime() {
		return fmt.Errorf("start %s: %w", b.options.Executable, context.Cause(ctx))
	}
	if err != nil && b.bus != nil {
		err = errors.Join(b.bus.Ready(ctx), err) // why the browser never ran
	}
	if err = errors.Join(b.tapErr, err); err != nil {
		return fmt.Errorf("start %s: %w", b.options.Executable, err)
	}
	b.chromium = chromedp.FromContext(root).Browser
	return b.watch(ctx)
}

// ignore takes chromedp's remarks on events of sessions that are not its own.
func ignore(string, ...any) {}

// prepare gives the browser a process group of its own, puts the relay into its
// pipes, and plugs keys in.
func (b *Browser) prepare(cmd *exec.Cmd) {
	child.OwnGroup(cmd)
	if b.relay, b.tapErr = relay.Tap(cmd); b.tapErr == nil && len(b.options.Keys) > 0 {
		b.bus, b.tapErr = usbkey.Attach(cmd, b.options.Keys...)
	}
}

// openDesktop prepares the display that a browser with windows needs.
func (b *Browser) openDesktop(ctx context.Context) error {
	if !b.options.Headed {
		return nil
	}
	d, err := desktop.Start(ctx, b.options.Display, b.options.Width, b.options.Height)
	if errors.Is(err, desktop.ErrNoXvfb) {
		return &MissingProgramError{
			Program: "Xvfb",
			Purpose: "to show a browser with windows where no display was named",
			Install: "apt-get install xvfb",
		}
	}
	if err != nil {
		return fmt.Errorf("desktop for a browser with windows: %w", err)
	}
	b.desktop = d
	return nil
}

// watch has the browser tell of every page and worker.
func (b *Browser) watch(ctx context.Context) error {
	if err := chromedp.ListenBrowser(b.root, b.event); err != nil {
		return fmt.Errorf("listen to the browser: %w", err)
	}
	if _, err := cdp.Call(ctx, b.chromium, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		return fmt.Errorf("watch for pages: %w", err)
	}
	return nil
}

// event runs on the goroutine that reads from the browser; what takes longer
// gets a goroutine of its own.
func (b *Browser) event(ev any) {
	switch e := ev.(type) {
	case *target.EventTargetCreated:
		if c := b.context(e.TargetInfo.BrowserContextID); c != nil {
			c.created(e.TargetInfo)
		}
	case *target.EventAttachedToTarget:
		if e.WaitingForDebugger {
			go b.bridges.meet(b, e)
		}
	case *target.EventDetachedFromTarget:
		b.relay.End(e.SessionID)
	}
}

func (b *Browser) register(c *Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.contexts[c.id] = c
}

func (b *Browser) unregister(c *Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.contexts, c.id)
}

// context is the one with that id; nil for the browser's default context.
func (b *Browser) context(id cdp.BrowserContextID) *Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.contexts[id]
}

// Close ends the browser with everything it started and removes its files. It
// waits until that has happened. Further calls return the first result.
func (b *Browser) Close() error {
	b.closing.Do(func() {
		if b.chromium != nil {
			b.leaving.Store(b.Ended() == nil)
			b.quit()
		}
		if b.stop != nil {
			b.stop()
		}
		if b.bus != nil {
			_ = b.bus.Close() // which cannot fail for what has ended
		}
		if b.desktop != nil {
			b.desktop.Stop()
		}
		b.closeErr = b.scratch.Remove()
	})
	return b.closeErr
}

// quit lets Chromium end by itself for a while, and then kills what is left.
func (b *Browser) quit() {
	ctx, cancel := context.WithTimeout(b.root, closeGrace)
	defer cancel()
	// A browser that does not end in time, or has ended before, is killed with
	// its group in any case; why is no news.
	_ = chromedp.Cancel(ctx)
	child.KillGroup(b.Process())
}
