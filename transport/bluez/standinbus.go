package bluez

import (
	"fmt"

	"github.com/godbus/dbus/v5"
)

// export puts the objects of BlueZ on the bus.
func (s *StandIn) export() error {
	for _, e := range []struct {
		object any
		path   dbus.ObjectPath
		face   string
	}{
		{manager{s}, rootPath, objectManager},
		{adapter{s}, adapterPath, adapterFace},
		{adapterProperties{s}, adapterPath, properties},
		{advertisers{s}, adapterPath, advertisingFace},
		{applications{s}, adapterPath, gattFace},
	} {
		if err := s.bus.Conn.Export(e.object, e.path, e.face); err != nil {
			return fmt.Errorf("serve %s: %w", e.face, err)
		}
	}
	if err := s.watchPrograms(); err != nil {
		return err
	}
	if _, err := s.bus.Conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil {
		return fmt.Errorf("own %s: %w", service, err)
	}
	return nil
}

// watchPrograms forgets programs that leave the bus, as BlueZ does. It starts a
// goroutine that ends with the bus.
func (s *StandIn) watchPrograms() error {
	err := s.bus.Conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"))
	if err != nil {
		return fmt.Errorf("watch who leaves the bus: %w", err)
	}
	signals := make(chan *dbus.Signal, 64)
	s.bus.Conn.Signal(signals)
	go func() {
		for signal := range signals {
			var name, before, now string
			if dbus.Store(signal.Body, &name, &before, &now) == nil && now == "" {
				s.scan(dbus.Sender(name), false)
				s.left(dbus.Sender(name))
			}
		}
	}()
	return nil
}

// scan notes that a program looks for devices, or does not any more. The first
// one that does finds what is near by; when none does, BlueZ forgets it.
func (s *StandIn) scan(program dbus.Sender, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.scanners) > 0
	if on {
		s.scanners[program] = true
	} else {
		delete(s.scanners, program)
	}
	now := len(s.scanners) > 0
	if before == now {
		return
	}
	s.tell()
	s.discovering(now)
	for _, a := range s.adverts {
		if !now {
			s.hide(a)
		} else if s.show(a) != nil {
			return // the bus has ended
		}
	}
}

// discovering tells programs whether the adapter looks for devices. A bus that
// does not carry it has ended.
func (s *StandIn) discovering(on bool) {
	_ = s.bus.Conn.Emit(adapterPath, properties+".PropertiesChanged", adapterFace,
		map[string]dbus.Variant{"Discovering": dbus.MakeVariant(on)}, []string{})
}

// adapterFaces is the adapter as BlueZ describes it. It is called with s locked.
func (s *StandIn) adapterFaces() faces {
	return faces{adapterFace: {
		"Address":      dbus.MakeVariant("C0:00:00:00:00:00"),
		"AddressType":  dbus.MakeVariant("public"),
		"Name":         dbus.MakeVariant("passkeylab"),
		"Alias":        dbus.MakeVariant("passkeylab"),
		"Powered":      dbus.MakeVariant(true),
		"Discoverable": dbus.MakeVariant(false),
		"Pairable":     dbus.MakeVariant(false),
		"Discovering":  dbus.MakeVariant(len(s.scanners) > 0),
		"UUIDs":        dbus.MakeVariant([]string{}),
	}}
}

// manager is org.freedesktop.DBus.ObjectManager.
type manager struct{ s *StandIn }

// GetManagedObjects lists the adapter, and the devices that are known.
func (m manager) GetManagedObjects() (map[dbus.ObjectPath]faces, *dbus.Error) {
	m.s.mu.Lock()
	defer m.s.mu.Unlock()
	all := map[dbus.ObjectPath]faces{adapterPath: m.s.adapterFaces()}
	if len(m.s.scanners) > 0 {
		for _, a := range m.s.adverts {
			all[a.path] = a.faces()
		}
	}
	for c := range m.s.centrals {
		all[c.path] = c.faces()
	}
	return all, nil
}

// adapter is org.bluez.Adapter1.
type adapter struct{ s *StandIn }

// SetDiscoveryFilter takes what a program wants to hear of; here all is of use to
// everybody.
func (adapter) SetDiscoveryFilter(map[string]dbus.Variant) *dbus.Error { return nil }

// StartDiscovery has a program hear of devices.
func (a adapter) StartDiscovery(program dbus.Sender) *dbus.Error {
	a.s.scan(program, true)
	return nil
}

// StopDiscovery ends that.
func (a adapter) StopDiscovery(program dbus.Sender) *dbus.Error {
	a.s.scan(program, false)
	return nil
}

// adapterProperties is org.freedesktop.DBus.Properties of the adapter.
type adapterProperties struct{ s *StandIn }

// Get returns a property.
func (p adapterProperties) Get(face, name string) (dbus.Variant, *dbus.Error) {
	all, err := p.GetAll(face)
	if err != nil {
		return dbus.Variant{}, err
	}
	value, ok := all[name]
	if !ok {
		return dbus.Variant{}, dbus.MakeFailedError(fmt.Errorf("no property %q", name))
	}
	return value, nil
}

// GetAll returns all properties of an interface.
func (p adapterProperties) GetAll(face string) (map[string]dbus.Variant, *dbus.Error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	all, ok := p.s.adapterFaces()[face]
	if !ok {
		return nil, dbus.MakeFailedError(fmt.Errorf("no interface %q", face))
	}
	return all, nil
}

// Set takes a property and changes nothing: the adapter is on, and stays so.
func (adapterProperties) Set(string, string, dbus.Variant) *dbus.Error { return nil }
