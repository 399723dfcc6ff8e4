package desktop

import (
	"context"
	"fmt"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/internal/privatebus"
)

const (
	registryName = "org.a11y.atspi.Registry"
	rootPath     = dbus.ObjectPath("/org/a11y/atspi/accessible/root")
	registryPath = dbus.ObjectPath("/org/a11y/atspi/registry")
	keysPath     = dbus.ObjectPath("/org/a11y/atspi/registry/deviceeventcontroller")
)

// reference names an accessible object: the program that owns it, and its path
// there.
type reference struct {
	Owner string
	Path  dbus.ObjectPath
}

// registry is the part of the AT-SPI registry daemon that a program needs to
// register itself and to learn that somebody listens.
type registry struct {
	bus *privatebus.Bus

	mu      sync.Mutex
	apps    []reference
	changed chan struct{} // closed and replaced when a program registers or says that something changed
}

// interesting are the events after which windows may look different.
var interesting = []string{
	"object:children-changed",
	"object:state-changed",
	"object:active-descendant-changed",
	"window:create",
	"window:destroy",
}

// serveRegistry takes the registry's place on the bus. It starts a goroutine
// that ends with the bus.
func serveRegistry(b *privatebus.Bus) (*registry, error) {
	r := &registry{bus: b, changed: make(chan struct{})}
	for _, export := range []struct {
		object any
		path   dbus.ObjectPath
		face   string
	}{
		{socket{r}, rootPath, "org.a11y.atspi.Socket"},
		{listeners{r}, registryPath, registryName},
		{keys{}, keysPath, "org.a11y.atspi.DeviceEventController"},
	} {
		if err := b.Conn.Export(export.object, export.path, export.face); err != nil {
			return nil, fmt.Errorf("serve %s: %w", export.face, err)
		}
	}
	for _, face := range []string{"org.a11y.atspi.Event.Object", "org.a11y.atspi.Event.Window"} {
		if err := b.Conn.AddMatchSignal(dbus.WithMatchInterface(face)); err != nil {
			return nil, fmt.Errorf("listen to %s: %w", face, err)
		}
	}
	signals := make(chan *dbus.Signal, 64)
	b.Conn.Signal(signals)
	go func() {
		for range signals {
			r.broadcast()
		}
	}()
	if _, err := b.Conn.RequestName(registryName, dbus.NameFlagDoNotQueue); err != nil {
		return nil, fmt.Errorf("own %s: %w", registryName, err)
	}
	return r, nil
}

func (r *registry) broadcast() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
}

// state is the programs that have registered, and a channel that is closed at
// the next change.
func (r *registry) state() ([]reference, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]reference(nil), r.apps...), r.changed
}

// waitApp returns the program that registered first.
func (r *registry) waitApp(ctx context.Context) (reference, error) {
	for {
		apps, changed := r.state()
		if len(apps) > 0 {
			return apps[0], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return reference{}, fmt.Errorf("no program described its windows: %w", context.Cause(ctx))
		}
	}
}

// socket is org.a11y.atspi.Socket, where programs register.
type socket struct{ r *registry }

// Embed registers a program by its root object and returns ours.
func (s socket) Embed(app reference) (reference, *dbus.Error) {
	s.r.mu.Lock()
	s.r.apps = append(s.r.apps, app)
	s.r.mu.Unlock()
	s.r.broadcast()
	return reference{s.r.bus.Conn.Names()[0], rootPath}, nil
}

// Unembed is called by programs that end, when nobody looks any more.
func (s socket) Unembed(reference) *dbus.Error { return nil }

// listener is who wants to hear which event.
type listener struct{ Owner, Event string }

// listeners is org.a11y.atspi.Registry, by which programs learn which events
// somebody wants to hear.
type listeners struct{ r *registry }

// GetRegisteredEvents names us as the listener to everything interesting.
func (l listeners) GetRegisteredEvents() ([]listener, *dbus.Error) {
	us := l.r.bus.Conn.Names()[0]
	events := make([]listener, len(interesting))
	for i, event := range interesting {
		events[i] = listener{us, event}
	}
	return events, nil
}

// keys is org.a11y.atspi.DeviceEventController, with nobody listening to keys.
type keys struct{}

// GetKeystrokeListeners names nobody.
func (keys) GetKeystrokeListeners() ([]reference, *dbus.Error) { return []reference{}, nil }

// GetDeviceEventListeners names nobody.
func (keys) GetDeviceEventListeners() ([]reference, *dbus.Error) { return []reference{}, nil }
