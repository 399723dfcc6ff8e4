package desktop

import (
	"bytes"
	"context"
	"image/png"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testDesktop(t *testing.T) (*Desktop, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	d, err := Start(ctx, "", 320, 200)
	require.NoError(t, err)
	t.Cleanup(d.Stop)
	return d, ctx
}

func TestScreenshotHasTheSizeOfTheDisplay(t *testing.T) {
	t.Parallel()
	d, _ := testDesktop(t)
	shot, err := d.Screenshot()
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(shot))
	require.NoError(t, err)
	assert.Equal(t, 320, picture.Bounds().Dx())
	assert.Equal(t, 200, picture.Bounds().Dy())
}

func TestDesktopsDoNotShareADisplay(t *testing.T) {
	t.Parallel()
	a, _ := testDesktop(t)
	b, _ := testDesktop(t)
	assert.NotEqual(t, a.Display, b.Display)
	assert.NotEqual(t, a.Environ(), b.Environ())
}

// program describes one window with one list, as a toolkit's accessibility
// bridge would.
type program struct {
	role, name string
	children   []reference
}

func (p program) GetRoleName() (string, *dbus.Error)          { return p.role, nil }
func (p program) GetState() ([]uint32, *dbus.Error)           { return []uint32{1 << stateShowing, 0}, nil }
func (p program) GetChildren() ([]reference, *dbus.Error)     { return p.children, nil }
func (p program) Get(_, _ string) (dbus.Variant, *dbus.Error) { return dbus.MakeVariant(p.name), nil }

// show puts a tree of objects on the bus under a program of its own.
func show(t *testing.T, d *Desktop, tree map[dbus.ObjectPath]program, links map[dbus.ObjectPath][]dbus.ObjectPath) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(d.bus.Address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	for path, p := range tree {
		for _, child := range links[path] {
			p.children = append(p.children, reference{conn.Names()[0], child})
		}
		require.NoError(t, conn.Export(p, path, "org.a11y.atspi.Accessible"))
		require.NoError(t, conn.Export(p, path, "org.freedesktop.DBus.Properties"))
	}
	var ours reference
	require.NoError(t, conn.Object(registryName, rootPath).
		Call("org.a11y.atspi.Socket.Embed", 0, reference{conn.Names()[0], "/root"}).Store(&ours))
	return conn
}

func TestFindReadsListsInWindows(t *testing.T) {
	t.Parallel()
	d, ctx := testDesktop(t)
	conn := show(t, d, map[dbus.ObjectPath]program{
		"/root":   {role: "application"},
		"/window": {role: "frame", name: "popup"},
		"/list":   {role: "list box", name: "Autofill"},
		"/item":   {role: "list item", name: "alice"},
		"/other":  {role: "frame"},
	}, map[dbus.ObjectPath][]dbus.ObjectPath{
		"/root": {"/other", "/window"}, "/window": {"/list"}, "/list": {"/item", nothing},
	})
	var found []Element
	require.NoError(t, d.Find(ctx, "list box", func(lists []Element) bool { found = lists; return true }))
	require.Len(t, found, 1)
	assert.Equal(t, "Autofill", found[0].Name)
	assert.Equal(t, []Element{{Role: "list item", Name: "alice", Showing: true}}, found[0].Children)
	assert.Len(t, found[0].All(), 2)

	// It looks again when the program says that something changed.
	looks := 0
	require.NoError(t, d.Find(ctx, "list box", func([]Element) bool {
		if looks++; looks == 1 {
			go conn.Emit("/list", "org.a11y.atspi.Event.Object.ChildrenChanged", "add", int32(0), int32(0), dbus.MakeVariant(""))
		}
		return looks == 2
	}))
}

func TestFindEndsWithItsContext(t *testing.T) {
	t.Parallel()
	d, ctx := testDesktop(t)
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	assert.ErrorIs(t, d.Find(ctx, "menu", func([]Element) bool { return false }), context.Canceled)
	show(t, d, map[dbus.ObjectPath]program{"/root": {role: "application"}}, nil)
	assert.ErrorIs(t, d.Find(ctx, "menu", func([]Element) bool { return false }), context.Canceled)
}

// A program that describes itself as its own child is read to an end.
func TestFindLeavesCircles(t *testing.T) {
	t.Parallel()
	d, ctx := testDesktop(t)
	show(t, d, map[dbus.ObjectPath]program{
		"/root": {role: "application"}, "/window": {role: "frame"}, "/list": {role: "list box"},
	}, map[dbus.ObjectPath][]dbus.ObjectPath{
		"/root": {"/window"}, "/window": {"/list"}, "/list": {"/list"},
	})
	var all int
	require.NoError(t, d.Find(ctx, "list box", func(lists []Element) bool { all = len(lists[0].All()); return true }))
	assert.LessOrEqual(t, all, maxDepth+1)
}
