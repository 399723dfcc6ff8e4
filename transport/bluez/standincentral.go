package bluez

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

// Central is a remote device that has connected to the services of a program at the
// stand-in.
type Central struct {
	standIn *StandIn
	app     *application
	address string
	path    dbus.ObjectPath
	mtu     uint16
	paired  bool
}

// ErrNotAllowed is why a central cannot read, write or subscribe: the
// characteristic's flags do not let it, or not without pairing.
var ErrNotAllowed = errors.New("the flags of the characteristic do not allow it")

// Connect connects a remote device to a service that a program offers. paired says
// whether the two have paired with protection against a man in the middle, mtu is
// the ATT_MTU that they agreed on, in bytes.
func (s *StandIn) Connect(service string, mtu uint16, paired bool) (*Central, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.offering(service)
	if app == nil {
		return nil, fmt.Errorf("no program offers service %s", service)
	}
	c := &Central{standIn: s, app: app, mtu: mtu, paired: paired}
	c.address, c.path = s.newAddress()
	s.centrals[c] = true
	return c, s.bus.Conn.Emit(rootPath, objectManager+".InterfacesAdded", c.path, c.faces())
}

// faces is the device as BlueZ describes it.
func (c *Central) faces() faces {
	device := deviceAt(c.address)
	device["Connected"], device["Paired"] = dbus.MakeVariant(true), dbus.MakeVariant(c.paired)
	return faces{deviceFace: device}
}

// Disconnect ends the connection.
func (c *Central) Disconnect() {
	s := c.standIn
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.centrals[c] {
		return
	}
	delete(s.centrals, c)
	// A bus that does not carry it has ended, and the program's services too.
	_ = s.bus.Conn.Emit(c.path, properties+".PropertiesChanged", deviceFace, map[string]dbus.Variant{"Connected": dbus.MakeVariant(false)}, []string{})
	_ = s.bus.Conn.Emit(rootPath, objectManager+".InterfacesRemoved", c.path, []string{deviceFace})
}

// options is what BlueZ tells a program about who is there.
func (c *Central) options() map[string]dbus.Variant {
	return map[string]dbus.Variant{
		"device": dbus.MakeVariant(c.path), "mtu": dbus.MakeVariant(c.mtu), "link": dbus.MakeVariant("LE"),
	}
}

// object is a characteristic that can be used in a way.
func (c *Central) object(uuid, use string) (dbus.BusObject, error) {
	found := c.app.characteristics[uuid]
	if found == nil {
		return nil, fmt.Errorf("no characteristic %s", uuid)
	}
	open, locked := slices.Contains(found.flags, use), slices.Contains(found.flags, "encrypt-authenticated-"+use)
	if !open && !locked || locked && !c.paired {
		return nil, fmt.Errorf("%s of %s: %w", use, uuid, ErrNotAllowed)
	}
	return c.standIn.bus.Conn.Object(string(c.app.program), found.path), nil
}

// Read reads a characteristic.
func (c *Central) Read(ctx context.Context, uuid string) (value []byte, err error) {
	object, err := c.object(uuid, "read")
	if err != nil {
		return nil, err
	}
	err = object.CallWithContext(ctx, characteristicFace+".ReadValue", 0, c.options()).Store(&value)
	return value, err
}

// Write writes a characteristic and waits for the response.
func (c *Central) Write(ctx context.Context, uuid string, value []byte) error {
	object, err := c.object(uuid, "write")
	if err != nil {
		return err
	}
	options := c.options()
	options["type"] = dbus.MakeVariant("request")
	return object.CallWithContext(ctx, characteristicFace+".WriteValue", 0, value, options).Err
}

// Subscribe returns the notifications of a characteristic, until stop is called.
// BlueZ sends them to all who have subscribed.
func (c *Central) Subscribe(ctx context.Context, uuid string) (notifications <-chan []byte, stop func(), err error) {
	object, err := c.object(uuid, "notify")
	if err != nil {
		return nil, nil, err
	}
	// A connection of its own, so that its signals do not mix with the stand-in's.
	conn, err := dbus.Connect(c.standIn.Address())
	if err != nil {
		return nil, nil, err
	}
	signals, values := make(chan *dbus.Signal, 256), make(chan []byte, 256)
	conn.Signal(signals)
	go func() {
		defer close(values)
		for signal := range signals {
			if value, ok := notified(signal); ok {
				values <- value
			}
		}
	}()
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(string(c.app.program)), dbus.WithMatchObjectPath(object.Path()), dbus.WithMatchInterface(properties))
	if err == nil {
		err = object.CallWithContext(ctx, characteristicFace+".StartNotify", 0).Err
	}
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return values, sync.OnceFunc(func() {
		_ = object.Call(characteristicFace+".StopNotify", 0).Err // the program may have gone
		_ = conn.Close()
	}), nil
}

// notified reads the value that a signal says has changed.
func notified(signal *dbus.Signal) (value []byte, ok bool) {
	if len(signal.Body) < 2 || signal.Body[0] != characteristicFace {
		return nil, false
	}
	changed, _ := signal.Body[1].(map[string]dbus.Variant)
	value, ok = changed["Value"].Value().([]byte)
	return value, ok
}
