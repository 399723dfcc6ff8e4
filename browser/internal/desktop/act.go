package desktop

import (
	"context"
	"fmt"

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
