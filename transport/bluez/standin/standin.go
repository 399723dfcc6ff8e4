package standin

import (
	"context"
	"fmt"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/internal/privatebus"
)

// Names on the bus.
const (
	busName     = "org.bluez"
	adapterPath = dbus.ObjectPath("/org/bluez/hci0")

	adapterInterface    = "org.bluez.Adapter1"
	deviceInterface     = "org.bluez.Device1"
	propertiesInterface = "org.freedesktop.DBus.Properties"
	managerInterface    = "org.freedesktop.DBus.ObjectManager"
)

// StandIn is a BlueZ with one adapter, hci0, that is powered. It is safe for
// concurrent use.
type StandIn struct {
	bus *privatebus.Bus

	mu       sync.Mutex
	powered  bool
	scanners map[dbus.Sender]bool
	ads      map[dbus.ObjectPath]*sight   // on the air
	shown    map[dbus.ObjectPath]*sight   // that programs know of
	centrals map[dbus.ObjectPath]*Central // that are connected
	own      map[registration]func()      // adverts of programs, and how they end
	apps     []*application               // with GATT services
	made     int                          // addresses given out
	changed  chan struct{}                // closed at the next change
}

// Start starts a bus whose socket lives in dir, and BlueZ on it. ctx limits the
// start only. A goroutine follows the bus until [StandIn.Stop]. It fails with
// [privatebus.ErrNoDBus] where there is no program to make a bus with.
func Start(ctx context.Context, dir string) (*StandIn, error) {
	bus, err := privatebus.Start(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &StandIn{
		bus: bus, powered: true, changed: make(chan struct{}),
		scanners: map[dbus.Sender]bool{}, ads: map[dbus.ObjectPath]*sight{}, shown: map[dbus.ObjectPath]*sight{},
		centrals: map[dbus.ObjectPath]*Central{}, own: map[registration]func(){},
	}
	if err := s.export(); err != nil {
		bus.Stop()
		return nil, fmt.Errorf("stand-in for BlueZ: %w", err)
	}
	return s, nil
}

// Address is that of the bus.
func (s *StandIn) Address() string { return s.bus.Address }

// Environ is what a program needs in its environment to take the stand-in for
// BlueZ.
func (s *StandIn) Environ() []string { return []string{"DBUS_SYSTEM_BUS_ADDRESS=" + s.bus.Address} }

// Stop ends BlueZ and the bus.
func (s *StandIn) Stop() { s.bus.Stop() }

// export makes the objects known and takes the name.
func (s *StandIn) export() error {
	leaving := make(chan *dbus.Signal, 16)
	s.bus.Conn.Signal(leaving)
	if err := s.bus.Conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged")); err != nil {
		return err
	}
	go s.follow(leaving)
	for _, e := range []struct {
		path    dbus.ObjectPath
		name    string
		methods map[string]any
	}{
		{"/", managerInterface, map[string]any{"GetManagedObjects": s.getManagedObjects}},
		{adapterPath, adapterInterface, map[string]any{"SetDiscoveryFilter": s.setDiscoveryFilter, "StartDiscovery": s.startDiscovery, "StopDiscovery": s.stopDiscovery}},
		{adapterPath, advertisingInterface, map[string]any{"RegisterAdvertisement": s.registerAdvertisement, "UnregisterAdvertisement": s.unregisterAdvertisement}},
		{adapterPath, gattInterface, map[string]any{"RegisterApplication": s.registerApplication, "UnregisterApplication": s.unregisterApplication}},
	} {
		if err := s.bus.Conn.ExportMethodTable(e.methods, e.path, e.name); err != nil {
			return err
		}
	}
	properties := map[string]any{"Get": s.get, "GetAll": s.getAll, "Set": s.set}
	if err := s.bus.Conn.ExportSubtreeMethodTable(properties, adapterPath, propertiesInterface); err != nil {
		return err
	}
	_, err := s.bus.Conn.RequestName(busName, dbus.NameFlagDoNotQueue)
	return err
}

// follow ends what programs had under way that have left the bus.
func (s *StandIn) follow(signals <-chan *dbus.Signal) {
	for signal := range signals {
		if len(signal.Body) != 3 || signal.Body[2] != "" {
			continue
		}
		if name, ok := signal.Body[0].(string); ok {
			s.leave(dbus.Sender(name))
		}
	}
}

func (s *StandIn) leave(program dbus.Sender) {
	s.mu.Lock()
	var ends []func()
	for r, end := range s.own {
		if r.program == program {
			ends = append(ends, end)
			delete(s.own, r)
		}
	}
	s.withdraw(program, "")
	delete(s.scanners, program)
	s.tell()
	s.mu.Unlock()
	for _, end := range ends {
		end()
	}
}

// tell wakes those who wait for a change, and shows programs what they can see
// now. The mutex is held.
func (s *StandIn) tell() {
	s.show()
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits for something to be so. The condition is asked under the mutex.
func (s *StandIn) until(ctx context.Context, so func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := so(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// SetPowered switches the adapter. While it is off nothing is seen.
func (s *StandIn) SetPowered(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.power(on)
}

func (s *StandIn) power(on bool) {
	if s.powered == on {
		return
	}
	s.powered = on
	if !on {
		clear(s.scanners)
	}
	s.changedProperties(adapterPath, adapterInterface, properties{"Powered": dbus.MakeVariant(on), "Discovering": dbus.MakeVariant(s.discovering())})
	s.tell()
}
