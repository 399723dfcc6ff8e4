package bluez

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/internal/privatebus"
	"github.com/passkeylab/passkeylab/internal/scratch"
)

// StandIn is BlueZ as programs see it that look for devices near by, on a system
// bus of its own: one adapter, powered, and what is advertised to it. No radio is
// involved. It is safe for concurrent use.
type StandIn struct {
	scratch *scratch.Dir
	bus     *privatebus.Bus

	mu         sync.Mutex
	adverts    []*advert
	registered map[registration]func() // adverts of programs, by how to end them
	made       int                     // adverts ever
	scanners   map[dbus.Sender]bool    // programs that look for devices
	apps       []*application          // of programs that have services
	centrals   map[*Central]bool       // that are connected to them
	changed    chan struct{}           // closed and replaced when scanners or apps change
}

// advert is a device near by that says something.
type advert struct {
	path    dbus.ObjectPath
	address string
	service string
	data    []byte
	uuids   []string // of services that one can connect to
}

// ErrNoDBus reports that the machine has no program to make a bus with.
var ErrNoDBus = privatebus.ErrNoDBus

// StartStandIn starts a bus and takes BlueZ's place on it. ctx limits the start
// only. Close ends both.
func StartStandIn(ctx context.Context) (*StandIn, error) {
	dir, err := scratch.Make(os.TempDir(), "passkeylab-bluez-")
	if err != nil {
		return nil, fmt.Errorf("folder for the bus: %w", err)
	}
	s := &StandIn{scratch: dir, registered: map[registration]func(){}, scanners: map[dbus.Sender]bool{}, centrals: map[*Central]bool{}, changed: make(chan struct{})}
	if s.bus, err = privatebus.Start(ctx, dir.Path); err != nil {
		return nil, errors.Join(err, dir.Remove())
	}
	if err := s.export(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Environ is what a program needs in its environment to take the stand-in for
// BlueZ.
func (s *StandIn) Environ() []string { return []string{"DBUS_SYSTEM_BUS_ADDRESS=" + s.bus.Address} }

// Address is where a program finds the bus.
func (s *StandIn) Address() string { return s.bus.Address }

// Close ends the bus.
func (s *StandIn) Close() error {
	s.bus.Stop()
	return s.scratch.Remove()
}

// Advertise has a device near by say something until stop is called: data of a
// service, such as that of [FIDOService]. Programs that look for devices hear it at
// once, others when they begin to.
func (s *StandIn) Advertise(ctx context.Context, service string, data []byte) (stop func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return s.advertise(service, data, nil)
}

func (s *StandIn) advertise(service string, data []byte, uuids []string) (stop func(), err error) {
	if len(data) == 0 || len(data) > maxServiceData {
		return nil, fmt.Errorf("service data of %d bytes: an advert carries 1 to %d", len(data), maxServiceData)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	address, path := s.newAddress()
	a := &advert{
		path: path, address: address, service: service, data: append([]byte(nil), data...), uuids: append([]string{}, uuids...),
	}
	s.adverts = append(s.adverts, a)
	if len(s.scanners) > 0 {
		err = s.show(a)
	}
	return func() { s.withdraw(a) }, err
}

// newAddress makes up an address and says where the device that has it is. It is
// called with s locked.
func (s *StandIn) newAddress() (address string, path dbus.ObjectPath) {
	s.made++
	// Addresses that begin with two ones are random ones that stay.
	address = fmt.Sprintf("C0:00:00:%02X:%02X:%02X", byte(s.made>>16), byte(s.made>>8), byte(s.made))
	return address, adapterPath + dbus.ObjectPath("/dev_"+underscored(address))
}

// Scanned waits until a program looks for devices.
func (s *StandIn) Scanned(ctx context.Context) error { return s.wait(ctx, true) }

// Unscanned waits until no program looks for devices.
func (s *StandIn) Unscanned(ctx context.Context) error { return s.wait(ctx, false) }

func (s *StandIn) wait(ctx context.Context, scanned bool) error {
	if err := s.until(ctx, func() bool { return len(s.scanners) > 0 == scanned }); err != nil {
		return fmt.Errorf("a program looks for Bluetooth devices: %t: %w", !scanned, err)
	}
	return nil
}

// until waits for something to be so. The condition is asked with s locked.
func (s *StandIn) until(ctx context.Context, so func() bool) error {
	for {
		s.mu.Lock()
		is, changed := so(), s.changed
		s.mu.Unlock()
		if is {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tell wakes those who wait. It is called with s locked.
func (s *StandIn) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Adverts is how many devices near by say something.
func (s *StandIn) Adverts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.adverts)
}

// withdraw ends an advert.
func (s *StandIn) withdraw(ended *advert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, a := range s.adverts {
		if a != ended {
			continue
		}
		s.adverts = append(s.adverts[:i], s.adverts[i+1:]...)
		if len(s.scanners) > 0 {
			s.hide(a)
		}
		return
	}
}

// show announces a device.
func (s *StandIn) show(a *advert) error {
	return s.bus.Conn.Emit(rootPath, objectManager+".InterfacesAdded", a.path, a.faces())
}

// hide takes a device back. A bus that does not carry that any more is about to
// end.
func (s *StandIn) hide(a *advert) {
	_ = s.bus.Conn.Emit(rootPath, objectManager+".InterfacesRemoved", a.path, []string{deviceFace})
}

// faces is the device that sends the advert, as BlueZ describes it.
func (a *advert) faces() faces {
	device := deviceAt(a.address)
	device["RSSI"] = dbus.MakeVariant(int16(-40))
	device["ServiceData"] = dbus.MakeVariant(map[string]dbus.Variant{a.service: dbus.MakeVariant(a.data)})
	device["UUIDs"] = dbus.MakeVariant(a.uuids)
	return faces{deviceFace: device}
}

// deviceAt is what every device has.
func deviceAt(address string) map[string]dbus.Variant {
	return map[string]dbus.Variant{
		"Address":     dbus.MakeVariant(address),
		"AddressType": dbus.MakeVariant("random"),
		"Adapter":     dbus.MakeVariant(adapterPath),
		"Alias":       dbus.MakeVariant(address),
		"Paired":      dbus.MakeVariant(false),
		"Connected":   dbus.MakeVariant(false),
	}
}

func underscored(address string) string {
	out := []byte(address)
	for i, c := range out {
		if c == ':' {
			out[i] = '_'
		}
	}
	return string(out)
}
