package desktop

import (
	"context"
	"fmt"
	"image"
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
