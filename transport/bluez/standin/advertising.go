package standin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	advertisingInterface   = "org.bluez.LEAdvertisingManager1"
	advertisementInterface = "org.bluez.LEAdvertisement1"
	maxOwn                 = 5 // adverts at once, as radios have it
)

// registration is what a program has registered, by the path of its object.
type registration struct {
	program dbus.Sender
	path    dbus.ObjectPath
}

// registerAdvertisement puts a program's own advert on the air. The adapter has an
// address of its own for each, as BlueZ with privacy does.
func (s *StandIn) registerAdvertisement(program dbus.Sender, path dbus.ObjectPath, _ properties) *dbus.Error {
	r := registration{program, path}
	if err := s.reserve(r); err != nil {
		return err
	}
	advert, err := s.readAdvertisement(r)
	if err != nil {
		s.free(r)
		return refusal("InvalidArguments", err.Error())
	}
	remove, err := s.Put(advert)
	if err != nil {
		s.free(r)
		return refusal("Failed", err.Error())
	}
	s.mu.Lock()
	_, there := s.own[r]
	if there {
		s.own[r] = remove
	}
	s.mu.Unlock()
	if !there { // the program has left meanwhile
		remove()
	}
	return nil
}

func (s *StandIn) reserve(r registration) *dbus.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch _, again := s.own[r]; {
	case !s.powered:
		return errNotReady
	case again:
		return errAlreadyExists
	case len(s.own) >= maxOwn:
		return refusal("NotPermitted", "Maximum advertisements reached")
	}
	s.own[r] = func() {}
	return nil
}

func (s *StandIn) free(r registration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.own, r)
}

func (s *StandIn) unregisterAdvertisement(program dbus.Sender, path dbus.ObjectPath) *dbus.Error {
	r := registration{program, path}
	s.mu.Lock()
	end, ok := s.own[r]
	delete(s.own, r)
	s.mu.Unlock()
	if !ok {
		return errDoesNotExist
	}
	end()
	return nil
}

// maxLegacy is what an advert can carry, in bytes.
const maxLegacy = 31

// readAdvertisement asks a program what it wants to advertise.
func (s *StandIn) readAdvertisement(r registration) (Advert, error) {
	var p properties
	object := s.bus.Conn.Object(string(r.program), r.path)
	if err := object.Call(propertiesInterface+".GetAll", 0, advertisementInterface).Store(&p); err != nil {
		return Advert{}, fmt.Errorf("reading the advert: %w", err)
	}
	kind, err := property[string](p, "Type")
	if err == nil && kind != "peripheral" && kind != "broadcast" {
		err = fmt.Errorf("Type is %q", kind)
	}
	data, bad := property[properties](p, "ServiceData")
	err = errors.Join(err, bad)
	a := Advert{ServiceData: map[string][]byte{}}
	for uuid := range data {
		bytes, bad := property[[]byte](data, uuid)
		a.ServiceData[strings.ToLower(uuid)], err = bytes, errors.Join(err, bad)
	}
	a.UUIDs, bad = property[[]string](p, "ServiceUUIDs")
	err = errors.Join(err, bad)
	a.Name, bad = property[string](p, "LocalName")
	return a, errors.Join(err, bad, a.fits())
}

// fits tells whether an advert can carry all that is to be in it. A name goes where
// there is room.
func (a Advert) fits() error {
	size := 3 // the flags
	for uuid, bytes := range a.ServiceData {
		size += 2 + sizeOf(uuid) + len(bytes)
	}
	for _, uuid := range a.UUIDs {
		size += 2 + sizeOf(uuid)
	}
	if size > maxLegacy {
		return fmt.Errorf("an advert of %d bytes, want %d at most", size, maxLegacy)
	}
	return nil
}

// sizeOf is what a UUID takes in an advert, in bytes: those of the Bluetooth base
// are short.
func sizeOf(uuid string) int {
	if strings.HasPrefix(uuid, "0000") && strings.HasSuffix(strings.ToLower(uuid), "-0000-1000-8000-00805f9b34fb") {
		return 2
	}
	return 16
}

// property reads a property, which may be missing.
func property[T any](p properties, name string) (value T, err error) {
	variant, there := p[name]
	if !there {
		return value, nil
	}
	value, ok := variant.Value().(T)
	if !ok {
		return value, fmt.Errorf("%s is a %s", name, variant.Signature())
	}
	return value, nil
}
