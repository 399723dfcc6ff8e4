package desktop

import (
	"context"
	"errors"

	"github.com/godbus/dbus/v5"
)

// ErrUnreadable reports that what is on the desktop cannot be read, because it
// has no bus.
var ErrUnreadable = errors.New("windows cannot be read without a D-Bus; dbus-daemon is not installed")

// Element is something in a window, as a screen reader would tell it.
type Element struct {
	Role     string // AT-SPI role name, such as "menu item"
	Name     string
	Showing  bool
	Selected bool
	Children []Element
}

// The AT-SPI states that matter here, as bits of the first state word.
const (
	stateFocused  = 12
	stateSelected = 23
	stateShowing  = 25
)

const (
	maxDepth    = 40
	maxElements = 5000
)

// Find waits until look finds what it wants in the windows of the first program
// on the desktop. It looks again whenever the program says that something
// changed. Web pages in the windows are left out. Only elements with children
// of interest need be told apart by look: it gets whole windows.
func (d *Desktop) Find(ctx context.Context, look func(windows []Element) bool) error {
	if d.registry == nil {
		return ErrUnreadable
	}
	app, err := d.registry.waitApp(ctx)
	if err != nil {
		return err
	}
	for {
		_, changed := d.registry.state()
		budget := maxElements
		root := d.read(ctx, app, 0, &budget)
		if ctx.Err() == nil && look(root.Children) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// read describes an object and what is in it. Objects that vanish while they
// are being read look empty.
func (d *Desktop) read(ctx context.Context, at reference, depth int, budget *int) Element {
	*budget--
	object := d.bus.conn.Object(at.Owner, at.Path)
	var e Element
	var states []uint32
	var children []reference
	var name dbus.Variant
	const face = "org.a11y.atspi.Accessible."
	calls := []struct {
		call *dbus.Call
		into any
	}{
		{object.GoWithContext(ctx, face+"GetRoleName", 0, nil), &e.Role},
		{object.GoWithContext(ctx, face+"GetState", 0, nil), &states},
		{object.GoWithContext(ctx, face+"GetChildren", 0, nil), &children},
		{object.GoWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, nil, "org.a11y.atspi.Accessible", "Name"), &name},
	}
	for _, c := range calls {
		select {
		case <-c.call.Done:
		case <-ctx.Done():
			return e
		}
		if c.call.Store(c.into) != nil {
			return e
		}
	}
	e.Name, _ = name.Value().(string)
	if len(states) > 0 {
		e.Showing = states[0]&(1<<stateShowing) != 0
		e.Selected = states[0]&(1<<stateSelected|1<<stateFocused) != 0
	}
	if e.Role == "document web" || depth >= maxDepth {
		return e
	}
	for _, child := range children {
		if *budget > 0 && child.Path != "/org/a11y/atspi/null" {
			e.Children = append(e.Children, d.read(ctx, child, depth+1, budget))
		}
	}
	return e
}

// All lists the elements of a window, its own first, parents before children.
func (e Element) All() []Element {
	list := []Element{e}
	for _, child := range e.Children {
		list = append(list, child.All()...)
	}
	return list
}
