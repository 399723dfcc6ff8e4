package bluez

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/godbus/dbus/v5"
)

// Names on the bus.
const (
	busName = "org.bluez"

	adapterInterface    = "org.bluez.Adapter1"
	deviceInterface     = "org.bluez.Device1"
	propertiesInterface = "org.freedesktop.DBus.Properties"
	managerInterface    = "org.freedesktop.DBus.ObjectManager"
)

type (
	properties = map[string]dbus.Variant
	interfaces = map[string]properties
	objects    = map[dbus.ObjectPath]interfaces
)

// ErrNoAdapter is why there is no Bluetooth.
var ErrNoAdapter = errors.New("no Bluetooth adapter that is switched on")

// Adapter is a Bluetooth adapter of this machine. It is safe for concurrent use.
type Adapter struct {
	conn *dbus.Conn
	path dbus.ObjectPath
	made atomic.Int64 // objects of ours that were given a name

	exporting sync.Mutex // the library looks at what is exported without a lock
}

// OpenSystem opens an adapter on the system bus, or on the bus that
// $DBUS_SYSTEM_BUS_ADDRESS names. name is that of an adapter, such as hci0; empty
// takes the first that is switched on.
func OpenSystem(ctx context.Context, name string) (*Adapter, error) {
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		return nil, fmt.Errorf("the system bus, which BlueZ is reached over: %w", err)
	}
	return open(ctx, conn, name)
}

// Open is [OpenSystem] on the bus at an address.
func Open(ctx context.Context, address, name string) (*Adapter, error) {
	conn, err := dbus.Connect(address)
	if err != nil {
		return nil, fmt.Errorf("the bus that BlueZ is reached over: %w", err)
	}
	return open(ctx, conn, name)
}

func open(ctx context.Context, conn *dbus.Conn, name string) (*Adapter, error) {
	a := &Adapter{conn: conn}
	if err := a.find(ctx, name); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return a, nil
}

// find takes the first of the adapters that there are.
func (a *Adapter) find(ctx context.Context, name string) error {
	all, err := a.objects(ctx)
	if err != nil {
		return fmt.Errorf("BlueZ does not answer; is bluetooth.service running? %w", err)
	}
	var off []string
	for _, path := range sortedPaths(all) {
		adapter, ok := all[path][adapterInterface]
		if !ok || name != "" && !strings.HasSuffix(string(path), "/"+name) {
			continue
		}
		if adapter["Powered"].Value() == true {
			a.path = path
			return nil
		}
		off = append(off, string(path[strings.LastIndexByte(string(path), '/')+1:]))
	}
	if len(off) > 0 {
		return fmt.Errorf("%w; run bluetoothctl power on (%s)", ErrNoAdapter, strings.Join(off, ", "))
	}
	return ErrNoAdapter
}

func sortedPaths(all objects) []dbus.ObjectPath {
	paths := make([]dbus.ObjectPath, 0, len(all))
	for path := range all {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// Close ends the connection to the bus, and with it all that was under way.
func (a *Adapter) Close() error { return a.conn.Close() }

func (a *Adapter) objects(ctx context.Context) (all objects, err error) {
	err = a.conn.Object(busName, "/").CallWithContext(ctx, managerInterface+".GetManagedObjects", 0).Store(&all)
	return all, err
}

// call calls a method of the adapter.
func (a *Adapter) call(ctx context.Context, method string, args ...any) error {
	return a.conn.Object(busName, a.path).CallWithContext(ctx, method, 0, args...).Err
}

// newPath names an object of ours.
func (a *Adapter) newPath(kind string) dbus.ObjectPath {
	return dbus.ObjectPath(fmt.Sprintf("/io/passkeylab/%s%d", kind, a.made.Add(1)))
}

// export makes an object of ours known to BlueZ, until it is withdrawn.
func (a *Adapter) export(path dbus.ObjectPath, ifaces map[string]map[string]any) (withdraw func(), err error) {
	a.exporting.Lock()
	defer a.exporting.Unlock()
	for name, methods := range ifaces {
		err = errors.Join(err, a.conn.ExportMethodTable(methods, path, name))
	}
	return func() {
		a.exporting.Lock()
		defer a.exporting.Unlock()
		for name := range ifaces {
			_ = a.conn.Export(nil, path, name) // which fails for bad paths only
		}
	}, err
}
