package bluez

import (
	"errors"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/transport"
)

// key is the FIDO service as objects on the bus.
type key struct {
	radio  *Radio
	device *transport.BLEServer
	path   dbus.ObjectPath

	mu     sync.Mutex
	client dbus.ObjectPath    // that has the key, "" for none
	port   *transport.BLEPort // of the client
}

// Errors as BlueZ has them. It hands them on to the client.
var (
	errTaken   = dbus.NewError("org.bluez.Error.InProgress", []any{"another client has the key"})
	errFailed  = dbus.NewError("org.bluez.Error.Failed", []any{"it cannot be served"})
	errValue   = dbus.NewError("org.bluez.Error.InvalidValueLength", []any{"not a value of the characteristic"})
	errNoLong  = dbus.NewError("org.bluez.Error.InvalidOffset", []any{"values are written and read as a whole"})
	errUnknown = dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"BlueZ did not say who it is"})
)

func (k *key) service() dbus.ObjectPath { return k.path + "/fido" }

func (k *key) pathOf(c characteristic) dbus.ObjectPath {
	return k.service() + "/" + dbus.ObjectPath(c.name)
}

// export makes service and characteristics known.
func (k *key) export() error {
	all := k.objects()
	err := k.radio.conn.ExportMethodTable(map[string]any{
		"GetManagedObjects": func() (map[dbus.ObjectPath]faces, *dbus.Error) { return all, nil },
	}, k.path, objectManager)
	for _, c := range characteristics {
		err = errors.Join(err, k.radio.conn.ExportMethodTable(k.methods(c), k.pathOf(c), characteristicFace))
	}
	return err
}

// withdraw undoes that, and lets go of the client.
func (k *key) withdraw() {
	// These fail only for paths that are none.
	_ = k.radio.conn.Export(nil, k.path, objectManager)
	for _, c := range characteristics {
		_ = k.radio.conn.Export(nil, k.pathOf(c), characteristicFace)
	}
	k.release("")
}

func (k *key) objects() map[dbus.ObjectPath]faces {
	all := map[dbus.ObjectPath]faces{k.service(): {serviceFace: {"UUID": dbus.MakeVariant(ble.ServiceUUID), "Primary": dbus.MakeVariant(true)}}}
	for _, c := range characteristics {
		all[k.pathOf(c)] = faces{characteristicFace: {
			"UUID": dbus.MakeVariant(c.uuid), "Service": dbus.MakeVariant(k.service()), "Flags": dbus.MakeVariant(c.flags),
		}}
	}
	return all
}

// methods are what BlueZ calls when a client uses a characteristic. BlueZ has seen
// to it that the flags allow it.
func (k *key) methods(c characteristic) map[string]any {
	methods := map[string]any{}
	if c.read != nil {
		methods["ReadValue"] = func(options map[string]dbus.Variant) ([]byte, *dbus.Error) {
			port, err := k.portOf(options)
			if err != nil {
				return nil, err
			}
			return c.read(port), nil
		}
	}
	if c.write != nil {
		methods["WriteValue"] = func(value []byte, options map[string]dbus.Variant) *dbus.Error {
			port, err := k.portOf(options)
			if err != nil {
				return err
			}
			if err := c.write(port, value); err != nil {
				return errValue
			}
			return nil
		}
	}
	if c.name == status {
		methods["StartNotify"] = func() *dbus.Error { return nil }
		methods["StopNotify"] = func() *dbus.Error { return nil }
	}
	return methods
}

// portOf is the connection of the client that uses a characteristic. The first one
// has the key until it disconnects: BlueZ notifies all that have subscribed, so that
// a second one would hear what is not meant for it.
func (k *key) portOf(options map[string]dbus.Variant) (*transport.BLEPort, *dbus.Error) {
	client, ok := options["device"].Value().(dbus.ObjectPath)
	if !ok {
		return nil, errUnknown
	}
	if offset, ok := options["offset"].Value().(uint16); ok && offset > 0 {
		return nil, errNoLong
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.client != "" && k.client != client {
		return nil, errTaken
	}
	if k.port == nil {
		port, err := k.device.Connect(k.notify)
		if err != nil {
			return nil, errFailed
		}
		k.client, k.port = client, port
	}
	if mtu, ok := options["mtu"].Value().(uint16); ok {
		k.port.SetMTU(int(mtu))
	}
	return k.port, nil
}

// release lets go of a client that has gone, or of whoever there is for "".
func (k *key) release(client dbus.ObjectPath) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.port != nil && (client == "" || client == k.client) {
		k.port.Close()
		k.client, k.port = "", nil
	}
}

// notify sends a fragment to the client. BlueZ takes a changed value for a
// notification.
func (k *key) notify(fragment []byte) {
	// Where it fails the bus has ended, which ends the service.
	_ = k.radio.conn.Emit(k.service()+"/"+status, properties+".PropertiesChanged",
		characteristicFace, map[string]dbus.Variant{"Value": dbus.MakeVariant(fragment)}, []string{})
}
