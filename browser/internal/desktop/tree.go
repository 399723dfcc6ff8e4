package desktop

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	Enabled  bool
	Selected bool
	Length   int // of the text in a field, in characters
	Children []Element

	at reference // where it is to be found again
}

// ID tells elements apart that look the same: a new one in the place of another has
// another.
func (e Element) ID() string { return fmt.Sprint(e.at) }

// The AT-SPI states that matter here, as bits of the first state word.
const (
	stateEnabled  = 8
	stateFocused  = 12
	stateSelected = 23
	stateShowing  = 25
)

// Limits of what is read, should a program describe something endless.
const (
	maxDepth    = 40
	maxElements = 5000
)

// nothing is the object that programs name where there is none.
const nothing = dbus.ObjectPath("/org/a11y/atspi/null")

// Find waits until look is satisfied with the elements that are directly in a
// window and have the role, such as the list of a popup. It looks again
// whenever the program says that something changed. Other windows are not read,
// because a browser's window holds hundreds of elements.
func (d *Desktop) Find(ctx context.Context, role string, look func([]Element) bool) error {
	if d.registry == nil {
		return ErrUnreadable
	}
	app, err := d.registry.waitApp(ctx)
	if err != nil {
		return err
	}
	for {
		_, changed := d.registry.state()
		found, err := d.inWindows(ctx, app, role)
		if err != nil {
			return err
		}
		if look(found) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// inWindows reads what is directly in the program's windows and has the role.
func (d *Desktop) inWindows(ctx context.Context, app reference, role string) ([]Element, error) {
	var found []Element
	budget := maxElements
	for _, window := range d.describe(ctx, app).children {
		for _, child := range d.describe(ctx, window).children {
			if d.describe(ctx, child).Role == role {
				found = append(found, d.read(ctx, child, 0, &budget))
			}
		}
	}
	return found, context.Cause(ctx)
}

// read describes an object and all that is in it.
func (d *Desktop) read(ctx context.Context, at reference, depth int, budget *int) Element {
	*budget--
	described := d.describe(ctx, at)
	for _, child := range described.children {
		if *budget > 0 && depth < maxDepth {
			described.Children = append(described.Children, d.read(ctx, child, depth+1, budget))
		}
	}
	return described.Element
}

// described is an Element whose children have not been read.
type described struct {
	Element
	children []reference
}

// describe asks the owner of an object about it. Objects that vanish meanwhile
// look empty.
func (d *Desktop) describe(ctx context.Context, at reference) described {
	const face = "org.a11y.atspi.Accessible"
	object := d.bus.Conn.Object(at.Owner, at.Path)
	e := described{Element: Element{at: at}}
	var states []uint32
	var name, length dbus.Variant
	calls := []*dbus.Call{
		object.GoWithContext(ctx, face+".GetRoleName", 0, nil),
		object.GoWithContext(ctx, face+".GetState", 0, nil),
		object.GoWithContext(ctx, face+".GetChildren", 0, nil),
		object.GoWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, nil, face, "Name"),
	}
	for i, into := range []any{&e.Role, &states, &e.children, &name} {
		select {
		case <-calls[i].Done:
		case <-ctx.Done():
			return described{}
		}
		if calls[i].Store(into) != nil {
			return described{}
		}
	}
	e.Name, _ = name.Value().(string)
	if e.IsField() && object.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, "org.a11y.atspi.Text", "CharacterCount").Store(&length) == nil {
		characters, _ := length.Value().(int32)
		e.Length = int(characters)
	}
	if len(states) > 0 {
		e.Showing = states[0]&(1<<stateShowing) != 0
		e.Enabled = states[0]&(1<<stateEnabled) != 0
		e.Selected = states[0]&(1<<stateSelected|1<<stateFocused) != 0
	}
	e.children = slices.DeleteFunc(e.children, func(r reference) bool { return r.Path == nothing })
	return e
}

// IsField reports whether text can be typed into the element.
func (e Element) IsField() bool { return e.Role == "entry" || e.Role == "password text" }

// All lists the element and everything in it, parents before children.
func (e Element) All() []Element {
	list := []Element{e}
	for _, child := range e.Children {
		list = append(list, child.All()...)
	}
	return list
}
