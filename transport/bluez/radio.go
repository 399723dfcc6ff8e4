package bluez

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/godbus/dbus/v5"
)

// Radio is the Bluetooth adapter of this machine, by way of BlueZ. It is safe for
// concurrent use.
type Radio struct {
	conn    *dbus.Conn
	adapter dbus.ObjectPath
	adverts atomic.Uint64 // made so far
}

// ErrNoRadio is what opening fails with where there is no adapter to be used.
var ErrNoRadio = errors.New("no Bluetooth adapter")

// OpenRadio finds the first adapter that is switched on. address is that of the bus
// on which BlueZ is; "" stands for the system's.
func OpenRadio(ctx context.Context, address string) (*Radio, error) {
	conn, err := connect(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the system bus: %w", ErrNoRadio, err)
	}
	r := &Radio{conn: conn}
	if r.adapter, err = r.find(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return r, nil
}

func connect(address string) (*dbus.Conn, error) {
	if address == "" {
		return dbus.ConnectSystemBus()
	}
	return dbus.Connect(address)
}

// Close ends all that the radio was asked to do.
func (r *Radio) Close() error { return r.conn.Close() }

// find looks for an adapter among BlueZ's objects.
func (r *Radio) find(ctx context.Context) (dbus.ObjectPath, error) {
	objects, err := r.objects(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: BlueZ does not answer: %w; start it with: systemctl start bluetooth", ErrNoRadio, err)
	}
	off, found := false, dbus.ObjectPath("")
	for path, faces := range objects {
		adapter, ok := faces[adapterFace]
		if !ok {
			continue
		}
		if on, _ := adapter["Powered"].Value().(bool); !on {
			off = true
		} else if found == "" || path < found {
			found = path
		}
	}
	switch {
	case found != "":
		return found, nil
	case off:
		return "", fmt.Errorf("%w: it is switched off; switch it on with: bluetoothctl power on", ErrNoRadio)
	}
	return "", fmt.Errorf("%w: BlueZ runs, and knows of none", ErrNoRadio)
}

func (r *Radio) objects(ctx context.Context) (objects map[dbus.ObjectPath]faces, err error) {
	err = r.conn.Object(service, rootPath).CallWithContext(ctx, objectManager+".GetManagedObjects", 0).Store(&objects)
	return objects, err
}

func (r *Radio) call(ctx context.Context, method string, args ...any) error {
	return r.conn.Object(service, r.adapter).CallWithContext(ctx, method, 0, args...).Err
}
