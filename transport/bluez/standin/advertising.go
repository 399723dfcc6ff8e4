package standin

import (
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
	var kind string
	if err := p["Type"].Store(&kind); err != nil || kind != "peripheral" && kind != "broadcast" {
		return Advert{}, fmt.Errorf("Type %v is none", p["Type"])
	}
	a := Advert{ServiceData: map[string][]byte{}}
	var data properties
	if err := storeOptional(p, "ServiceData", &data); err != nil {
		return Advert{}, err
	}
	size := 3 // the flags
	for uuid, value := range data {
		var bytes []byte
		if err := value.Store(&bytes); err != nil {
			return Advert{}, fmt.Errorf("ServiceData: %w", err)
		}
		a.ServiceData[strings.ToLower(uuid)] = bytes
		size += 2 + sizeOf(uuid) + len(bytes)
	}
	if err := storeOptional(p, "ServiceUUIDs", &a.UUIDs); err != nil {
		return Advert{}, err
	}
	for _, uuid := range a.UUIDs {
		size += 2 + sizeOf(uuid)
	}
	if size > maxLegacy {
		return Advert{}, fmt.Errorf("an advert of %d bytes, want %d at most", size, maxLegacy)
	}
	return a, storeOptional(p, "LocalName", &a.Name)
}

// sizeOf is what a UUID takes in an advert, in bytes: those of the Bluetooth base
// are short.
func sizeOf(uuid string) int {
	if strings.HasPrefix(uuid, "0000") && strings.HasSuffix(strings.ToLower(uuid), "-0000-1000-8000-00805f9b34fb") {
		return 2
	}
	return 16
}

// storeOptional reads a property that may be missing.
func storeOptional(p properties, name string, into any) error {
	value, ok := p[name]
	if !ok {
		return nil
	}
	if err := value.Store(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
