package desktop

import (
	"context"
	"fmt"
	"image"

	"github.com/jezek/xgb/xproto"

	"github.com/passkeylab/passkeylab/internal/screen"
)

// Press does what a click on the element does.
func (d *Desktop) Press(ctx context.Context, e Element) error {
	return d.ask(ctx, e, "org.a11y.atspi.Action.DoAction", int32(0))
}

// Focus gives the element the keyboard.
func (d *Desktop) Focus(ctx context.Context, e Element) error {
	return d.ask(ctx, e, "org.a11y.atspi.Component.GrabFocus")
}

// Type replaces the text of the field that has the keyboard, see [screen.Type].
func (d *Desktop) Type(text string) error { return screen.Type(d.Display, text) }

// PressKey presses a key, named as in CDP: control characters, or what it types.
func (d *Desktop) PressKey(name string) error {
	switch name {
	case "\r":
		return screen.PressKey(d.Display, screen.KeyReturn)
	case "\x1b":
		return screen.PressKey(d.Display, screen.KeyEscape)
	}
	for _, r := range name {
		return screen.PressKey(d.Display, xproto.Keysym(r))
	}
	return nil
}

// ask has an element do something.
func (d *Desktop) ask(ctx context.Context, e Element, method string, args ...any) error {
	var done bool
	object := d.bus.Conn.Object(e.at.Owner, e.at.Path)
	if err := object.CallWithContext(ctx, method, 0, args...).Store(&done); err != nil {
		return fmt.Errorf("%s %q: %w", e.Role, e.Name, err)
	}
	if !done {
		return fmt.Errorf("%s %q does not follow %s", e.Role, e.Name, method)
	}
	return nil
}

// Extents is where an element is on the display, in pixels.
func (d *Desktop) Extents(ctx context.Context, e Element) (image.Rectangle, error) {
	const onScreen = uint32(0)
	var box struct{ X, Y, Width, Height int32 }
	object := d.bus.Conn.Object(e.at.Owner, e.at.Path)
	if err := object.CallWithContext(ctx, "org.a11y.atspi.Component.GetExtents", 0, onScreen).Store(&box); err != nil {
		return image.Rectangle{}, fmt.Errorf("find %s %q on the display: %w", e.Role, e.Name, err)
	}
	return image.Rect(int(box.X), int(box.Y), int(box.X)+int(box.Width), int(box.Y)+int(box.Height)), nil
}

// Is reports whether two elements are the same one, looked at twice.
func (e Element) Is(other Element) bool { return e.at == other.at }
