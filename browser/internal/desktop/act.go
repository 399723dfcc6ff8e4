package desktop

import (
	"context"
	"fmt"
)

// Press does what a click on the element does.
func (d *Desktop) Press(ctx context.Context, e Element) error {
	var done bool
	object := d.bus.Conn.Object(e.at.Owner, e.at.Path)
	if err := object.CallWithContext(ctx, "org.a11y.atspi.Action.DoAction", 0, int32(0)).Store(&done); err != nil {
		return fmt.Errorf("press %s %q: %w", e.Role, e.Name, err)
	}
	if !done {
		return fmt.Errorf("press %s %q: it cannot be pressed", e.Role, e.Name)
	}
	return nil
}

// Fill replaces the text of a field.
func (d *Desktop) Fill(ctx context.Context, e Element, text string) error {
	var done bool
	object := d.bus.Conn.Object(e.at.Owner, e.at.Path)
	if err := object.CallWithContext(ctx, "org.a11y.atspi.EditableText.SetTextContents", 0, text).Store(&done); err != nil {
		return fmt.Errorf("fill %s %q: %w", e.Role, e.Name, err)
	}
	if !done {
		return fmt.Errorf("fill %s %q: it takes no text", e.Role, e.Name)
	}
	return nil
}
