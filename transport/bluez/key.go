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
	adapter *Adapter
	device  *transport.BLEServer
	path    dbus.ObjectPath

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

// export makes service and characteristics known.
func (k *key) export() (withdraw func(), err error) {
	var ends []func()
	export := func(path dbus.ObjectPath, ifaces map[string]map[string]any) {
		end, failed := k.adapter.export(path, ifaces)
		ends, err = append(ends, end), errors.Join(err, failed)
	}
	all := k.objects()
	export(k.path, map[string]map[string]any{managerInterface: {
		"GetManagedObjects": func() (objects, *dbus.Error) { return all, nil },
	}})
	for _, c := range characteristics {
		export(k.service()+"/"+dbus.ObjectPath(c.name), map[string]map[string]any{characteristicInterface: k.methods(c)})
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}, err
}

func (k *key) objects() objects {
	all := objects{k.service(): {serviceInterface: {"UUID": dbus.MakeVariant(ble.ServiceUUID), "Primary": dbus.MakeVariant(true)}}}
	for _, c := range characteristics {
		all[k.service()+"/"+dbus.ObjectPath(c.name)] = interfaces{characteristicInterface: {
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
		methods["ReadValue"] = func(options properties) ([]byte, *dbus.Error) {
			port, err := k.portOf(options)
			if err != nil {
				return nil, err
			}
			return c.read(port), nil
		}
	}
	if c.write != nil {
		methods["WriteValue"] = func(value []byte, options properties) *dbus.Error {
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
func (k *key) portOf(options properties) (*transport.BLEPort, *dbus.Error) {
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
	_ = k.adapter.conn.Emit(k.service()+"/"+status, propertiesInterface+".PropertiesChanged",
		characteristicInterface, properties{"Value": dbus.MakeVariant(fragment)}, []string{})
}
