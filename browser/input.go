package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"github.com/passkeylab/passkeylab/browser/internal/relay"
)

// Key is a key without a character. Others are written as the character they
// type.
type Key string

const (
	KeyEnter     Key = kb.Enter
	KeyTab       Key = kb.Tab
	KeyEscape    Key = kb.Escape
	KeyBackspace Key = kb.Backspace
	KeyUp        Key = kb.ArrowUp
	KeyDown      Key = kb.ArrowDown
	KeySpace     Key = " "
)

// Click moves the mouse onto the first element that fits the selector, presses
// and releases it. It waits until the element can be hit: visible, enabled,
// not moving, and covered by nothing.
func (t *Tab) Click(ctx context.Context, selector string) error {
	return t.withFocus(ctx, func() error { return t.click(ctx, selector) })
}

func (t *Tab) click(ctx context.Context, selector string) error {
	var at struct{ X, Y float64 }
	if err := t.drive(ctx, &at, "target", selector); err != nil {
		return err
	}
	press := input.DispatchMouseEventParams{X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1}
	moved, pressed, released := press, press, press
	moved.Type, moved.Button, moved.ClickCount = input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, 0
	pressed.Type, released.Type = input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased
	// A move alone would be answered with the next frame only.
	if err := burst(ctx, t, input.DispatchMouseEvent, moved, pressed, released); err != nil {
		return fmt.Errorf("click %q: %w", selector, err)
	}
	return nil
}

// Fill replaces what a text field holds by typing.
func (t *Tab) Fill(ctx context.Context, selector, text string) error {
	return t.withFocus(ctx, func() error {
		var filled bool
		if err := t.drive(ctx, &filled, "select", selector); err != nil {
			return err
		}
		if filled && text == "" {
			return t.keys(ctx, string(KeyBackspace))
		}
		return t.keys(ctx, text)
	})
}

// Focus puts the keyboard focus on an element, without clicking it.
func (t *Tab) Focus(ctx context.Context, selector string) error {
	return t.withFocus(ctx, func() error {
		var is bool
		if err := t.drive(ctx, &is, "focus", selector); err != nil {
			return err
		}
		if !is {
			return t.explain(ctx, &WaitError{Action: fmt.Sprintf("focus %q", selector), Reason: "the element takes no focus"})
		}
		return nil
	})
}

// Press presses and releases one key, wherever the focus is.
func (t *Tab) Press(ctx context.Context, key Key) error {
	return t.withFocus(ctx, func() error { return t.keys(ctx, string(key)) })
}

// keys types one key after the other.
func (t *Tab) keys(ctx context.Context, text string) error {
	var strokes []input.DispatchKeyEventParams
	for _, r := range text {
		for _, event := range kb.Encode(r) {
			if event.Type == input.DispatchKeyEventTypeKeyDown {
				// The browser's own popups listen to raw key events only.
				event.Type = input.DispatchKeyEventTypeRawKeyDown
			}
			strokes = append(strokes, *event)
		}
	}
	if err := burst(ctx, t, input.DispatchKeyEvent, strokes...); err != nil {
		return fmt.Errorf("type: %w", err)
	}
	return nil
}

// burst has the browser handle one input after the other, and waits for the
// last. A page that is given all of it in one go paints once, where it would
// otherwise paint after every event.
func burst[P any](ctx context.Context, t *Tab, command cdp.Command[P, cdp.Empty], events ...P) error {
	for i, event := range events {
		var err error
		if i < len(events)-1 {
			err = relay.Post(t.context.browser.relay, t.target.SessionID, command, event)
		} else {
			_, err = cdp.Call(ctx, t.target, command, event)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
