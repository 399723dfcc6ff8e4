package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/runtime"
)

//go:embed driver.js
var driverScript string

const (
	maxText        = 64 << 10        // characters that Text and Value return at most
	maxExcerpt     = 300             // characters of the page that an error shows
	explainGrace   = 5 * time.Second // for asking the page what it shows after ctx has ended
	lookAheadGrace = 200 * time.Millisecond
	endless        = 24 * time.Hour // for waits whose ctx has no deadline
)

// WaitError reports that something did not become so before ctx ended.
type WaitError struct {
	Action string // such as `click "#go"`
	Reason string // such as "not visible"
	URL    string // of the page
	Title  string
	Text   string // the beginning of what the page shows
	Err    error  // why the waiting ended
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("%s: %s; %s (%q) shows: %q", e.Action, e.Reason, e.URL, e.Title, e.Text)
}

// Unwrap gives the error of the context that ended the wait.
func (e *WaitError) Unwrap() error { return e.Err }

// Text is the rendered text of the first element that fits the CSS selector.
func (t *Tab) Text(ctx context.Context, selector string) (string, error) {
	var text string
	return text, t.drive(ctx, &text, "text", selector, maxText)
}

// Value is what a form field holds.
func (t *Tab) Value(ctx context.Context, selector string) (string, error) {
	var value string
	return value, t.drive(ctx, &value, "value", selector, maxText)
}

// Exists reports whether the page has such an element now.
func (t *Tab) Exists(ctx context.Context, selector string) (bool, error) {
	var is bool
	return is, t.drive(ctx, &is, "exists", selector)
}

// Visible reports whether such an element can be seen now, perhaps after
// scrolling.
func (t *Tab) Visible(ctx context.Context, selector string) (bool, error) {
	var is bool
	return is, t.drive(ctx, &is, "visible", selector)
}

// WaitVisible waits until such an element can be seen.
func (t *Tab) WaitVisible(ctx context.Context, selector string) error {
	return t.drive(ctx, nil, "waitVisible", selector)
}

// WaitHidden waits until no such element can be seen.
func (t *Tab) WaitHidden(ctx context.Context, selector string) error {
	return t.drive(ctx, nil, "waitHidden", selector)
}

// WaitFunc waits until a JavaScript expression holds. It is evaluated whenever
// the page changes, also across navigations.
func (t *Tab) WaitFunc(ctx context.Context, expression string) error {
	return t.drive(ctx, nil, "waitTrue", expression)
}

// Eval evaluates a JavaScript expression in the page, awaits it if it is a
// promise, and stores its JSON value in result, which may be nil.
func (t *Tab) Eval(ctx context.Context, expression string, result any) error {
	value, err := t.inPage(ctx, expression)
	if err != nil {
		return fmt.Errorf("evaluate %.60q: %w", expression, err)
	}
	return decode(value, result)
}

// drive runs an action of driver.js, again if the page navigates meanwhile.
func (t *Tab) drive(ctx context.Context, result any, action string, args ...any) error {
	name := fmt.Sprintf("%s %q", action, fmt.Sprint(args[0]))
	limit := endless
	if deadline, ok := ctx.Deadline(); ok {
		// End a little earlier in the page, which can say what was missing.
		limit = max(time.Until(deadline)-lookAheadGrace, 0)
	}
	got, err := t.act(ctx, limit, action, args...)
	switch {
	case err != nil && t.Ended() != nil:
		return fmt.Errorf("%s: %w", name, t.Ended())
	case err != nil && ctx.Err() != nil:
		return t.explain(ctx, &WaitError{Action: name, Reason: t.missing(ctx, action, args...), Err: context.Cause(ctx)})
	case err != nil:
		return fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	case got.Late != "":
		return t.explain(ctx, &WaitError{Action: name, Reason: got.Late, Err: context.DeadlineExceeded})
	}
	return decode(jsonv2.Value(got.Value), result)
}

// seen is what an action of driver.js gives.
type seen struct {
	Value json.RawMessage `json:"value"`
	Late  string          `json:"late"` // what was missing when the time was over
}

func (t *Tab) act(ctx context.Context, limit time.Duration, action string, args ...any) (seen, error) {
	call, err := json.Marshal(append([]any{action, limit.Milliseconds()}, args...))
	if err != nil {
		return seen{}, fmt.Errorf("arguments of %s: %w", action, err)
	}
	var got seen
	err = t.Eval(ctx, fmt.Sprintf("(%s)(...%s)", strings.TrimSpace(driverScript), call), &got)
	return got, err
}

// missing asks once more, after ctx has ended, why an action is not possible.
func (t *Tab) missing(ctx context.Context, action string, args ...any) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), explainGrace)
	defer cancel()
	got, err := t.act(ctx, lookAheadGrace, action, args...)
	switch {
	case err != nil:
		return "the page did not answer"
	case got.Late != "":
		return got.Late
	default:
		return "it was too late"
	}
}

// inPage evaluates an expression in the page's world. A world that ends
// meanwhile, because the page navigates, is replaced by the next one.
func (t *Tab) inPage(ctx context.Context, expression string) (jsonv2.Value, error) {
	ctx, cancel := t.whileAlive(ctx)
	defer cancel()
	stale, yes := "", true
	for {
		world, err := t.frames.waitWorld(ctx, t.mainFrame(), stale)
		if err != nil {
			return nil, err
		}
		got, err := cdp.Call(ctx, t.target, runtime.Evaluate, runtime.EvaluateParams{
			Expression: expression, UniqueContextID: world, AwaitPromise: &yes, ReturnByValue: &yes,
		})
		switch {
		case worldEnded(err):
			stale = world
		case err != nil:
			return nil, err
		case got.ExceptionDetails != nil:
			return nil, errors.New(exceptionText(got.ExceptionDetails))
		default:
			return got.Result.Value, nil
		}
	}
}

// worldEnded reports whether an evaluation failed only because its page
// navigated. The protocol has no codes for it, so the texts decide.
func worldEnded(err error) bool {
	var refused *cdproto.Error
	if !errors.As(err, &refused) {
		return false
	}
	for _, text := range []string{"context was destroyed", "Cannot find context", "navigated or closed", "Promise was collected", "uniqueContextId not found"} {
		if strings.Contains(refused.Message, text) {
			return true
		}
	}
	return false
}

func decode(value jsonv2.Value, result any) error {
	if result == nil || len(value) == 0 {
		return nil
	}
	return json.Unmarshal(value, result)
}

// explain adds to err what the page shows, or that nothing can show it any more. It
// works after ctx has ended.
func (t *Tab) explain(ctx context.Context, err error) error {
	if ended := t.Ended(); ended != nil {
		return fmt.Errorf("%w (%w)", err, ended)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), explainGrace)
	defer cancel()
	var page struct{ URL, Title, Text string }
	expression := fmt.Sprintf("(%s)('excerpt', 0, %d).then(e => e.value)", strings.TrimSpace(driverScript), maxExcerpt)
	if t.Eval(ctx, expression, &page) != nil {
		page.URL, page.Text = "the page", "nothing: it does not answer"
	}
	var wait *WaitError
	if !errors.As(err, &wait) {
		wait = &WaitError{Action: "page", Reason: err.Error(), Err: err}
	}
	wait.URL, wait.Title, wait.Text = page.URL, page.Title, strings.Join(strings.Fields(page.Text), " ")
	return wait
}
