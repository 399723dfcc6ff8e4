package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// EndedError reports that a browser, or the process of a page in it, ended by
// itself: it crashed, or somebody killed it. What the page was asked meanwhile says
// nothing about the page.
type EndedError struct {
	What   string // "Chromium" or "Chromium's process for the page"
	Exit   string // such as "signal: segmentation fault"; empty where nobody knows
	Output string // the last that Chromium wrote about itself, perhaps empty
}

func (e *EndedError) Error() string {
	text := e.What + " ended by itself"
	if e.Exit != "" {
		text += ": " + e.Exit
	}
	if e.Output != "" {
		text += "; the last that it wrote: " + e.Output
	}
	return text
}

// Process is the browser's own process, on which those of its pages depend.
func (b *Browser) Process() *os.Process { return b.chromium.Process() }

// Ended returns an [EndedError] if the browser has ended before Close, also after
// Close, and nil otherwise.
func (b *Browser) Ended() error {
	select {
	case <-b.chromium.LostConnection:
	default:
		return nil
	}
	if b.leaving.Load() {
		return nil
	}
	return b.howEnded()
}

func (b *Browser) findOutHowEnded() *EndedError {
	ended := &EndedError{What: "Chromium", Output: b.output.String()}
	// chromedp tells how the process ended in the error of any call that comes too
	// late.
	_, err := chromedp.CallBrowser(b.root, target.GetTargets, target.GetTargetsParams{})
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		ended.Exit = exit.Error()
	}
	return ended
}

// Ended returns an [EndedError] if the browser has ended before Close, or the process
// of the page before the page, and nil while both run.
func (t *Tab) Ended() error {
	if err := t.context.browser.Ended(); err != nil {
		return err
	}
	if t.process.Err() == nil {
		return nil
	}
	return &EndedError{What: "Chromium's process for the page", Output: t.context.browser.output.String()}
}

// errCrashed is what waits for a page end with when its process has.
var errCrashed = errors.New("the process of the page has ended")

// whileAlive returns a ctx that also ends when the process of the page does, which
// leaves what the page was asked without an answer.
func (t *Tab) whileAlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	forget := context.AfterFunc(t.process, func() { cancel(errCrashed) })
	return ctx, func() {
		forget()
		cancel(nil)
	}
}

// keptOutput is how many bytes of a browser's output are kept: some lines, of which
// the last tell why it ended.
const keptOutput = 2 << 10

// lastOutput is an io.Writer that keeps the end of what is written.
type lastOutput struct {
	mu   sync.Mutex
	kept []byte
}

func (o *lastOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, p...)
	if over := len(o.kept) - keptOutput; over > 0 {
		o.kept = append(o.kept[:0], o.kept[over:]...)
	}
	return len(p), nil
}

// String is what was kept, in one line.
func (o *lastOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.ToValidUTF8(strings.Join(strings.Fields(string(o.kept)), " "), "\uFFFD")
}
