package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"

	"github.com/passkeylab/passkeylab/browser/internal/child"
	"github.com/passkeylab/passkeylab/browser/internal/desktop"
	"github.com/passkeylab/passkeylab/browser/internal/devtools"
)

// closeGrace is how long Close lets Chromium end by itself before it is killed.
const closeGrace = 5 * time.Second

// Browser is one running Chromium. Its methods may be called concurrently.
type Browser struct {
	options Options
	dir     string           // profile and extension; removed by Close
	desktop *desktop.Desktop // nil when headless
	focus   *focus
	process *child.Process
	conn    *devtools.Conn

	extension struct {
		sync.Mutex
		loaded bool
	}

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
	dir, err := os.MkdirTemp("", "passkeylab-browser-")
	if err != nil {
		return nil, fmt.Errorf("directory for the browser's profile: %w", err)
	}
	b := &Browser{options: options, dir: dir, focus: newFocus(), contexts: map[cdp.BrowserContextID]*Context{}}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Browser) start(ctx context.Context) error {
	if err := b.openDesktop(ctx); err != nil {
		return err
	}
	cmd := exec.Command(b.options.Executable, b.options.arguments(filepath.Join(b.dir, "profile"), os.Geteuid() == 0)...)
	if b.desktop != nil {
		cmd.Env = append(cmd.Environ(), b.desktop.Environ()...)
	}
	if err := b.connect(cmd); err != nil {
		return err
	}
	if err := devtools.Do(ctx, b.conn.Browser(), cdpbrowser.GetVersion, cdp.Empty{}); err != nil {
		return fmt.Errorf("%s did not start: %w; it printed:\n%s", b.options.Executable, err, b.process.Output())
	}
	return b.watch(ctx)
}

// watch has every page and worker pause before its first step, so that links
// are in place before a page can ask for a passkey.
func (b *Browser) watch(ctx context.Context) error {
	devtools.On(b.conn.Browser(), target.AttachedToTarget, func(e target.EventAttachedToTarget) {
		s := b.conn.Session(e.SessionID)
		if c := b.context(e.TargetInfo.BrowserContextID); c != nil {
			c.adopt(s, e.TargetInfo)
			return
		}
		devtools.Start(s, runtime.RunIfWaitingForDebugger, cdp.Empty{})
	})
	flat := true
	err := devtools.Do(ctx, b.conn.Browser(), target.SetAutoAttach, target.SetAutoAttachParams{
		AutoAttach:             true,
		WaitForDebuggerOnStart: true,
		Flatten:                &flat,
		Filter:                 target.Filter{{Type: "page"}, {Type: "service_worker"}, {Exclude: true}},
	})
	if err != nil {
		return fmt.Errorf("watch for pages: %w", err)
	}
	return nil
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

// connect starts the browser with the two pipes it expects as descriptors 3
// (commands) and 4 (replies and events).
func (b *Browser) connect(cmd *exec.Cmd) error {
	commandsOut, commandsIn, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("command pipe: %w", err)
	}
	defer commandsOut.Close()
	repliesOut, repliesIn, err := os.Pipe()
	if err != nil {
		commandsIn.Close()
		return fmt.Errorf("reply pipe: %w", err)
	}
	defer repliesIn.Close()
	if b.process, err = child.Start(cmd, commandsOut, repliesIn); err != nil {
		commandsIn.Close()
		repliesOut.Close()
		return err
	}
	b.conn = devtools.NewConn(repliesOut, commandsIn)
	return nil
}

// Close ends the browser with everything it started and removes its files. It
// waits until that has happened. Further calls return the first result.
func (b *Browser) Close() error {
	b.closing.Do(func() {
		if b.conn != nil {
			b.quit()
		}
		if b.process != nil {
			b.process.Stop()
		}
		if b.desktop != nil {
			b.desktop.Stop()
		}
		b.closeErr = os.RemoveAll(b.dir)
	})
	return b.closeErr
}

// quit asks Chromium to end and waits a while for it to do so.
func (b *Browser) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	devtools.Start(b.conn.Browser(), cdpbrowser.Close, cdp.Empty{})
	select {
	case <-b.process.Exited():
	case <-ctx.Done():
	}
}
