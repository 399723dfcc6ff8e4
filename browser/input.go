package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
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
	for _, event := range []input.DispatchMouseEventParams{moved, pressed, released} {
		if _, err := cdp.Call(ctx, t.target, input.DispatchMouseEvent, event); err != nil {
			return fmt.Errorf("click %q: %w", selector, err)
		}
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
	for _, r := range text {
		for _, event := range kb.Encode(r) {
			if event.Type == input.DispatchKeyEventTypeKeyDown {
				// The browser's own popups listen to raw key events only.
				event.Type = input.DispatchKeyEventTypeRawKeyDown
			}
			if _, err := cdp.Call(ctx, t.target, input.DispatchKeyEvent, *event); err != nil {
				return fmt.Errorf("type: %w", err)
			}
		}
	}
	return nil
}
