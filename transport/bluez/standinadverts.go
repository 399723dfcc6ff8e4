package bluez

import (
	"errors"

	"github.com/godbus/dbus/v5"
)

// advertisers is org.bluez.LEAdvertisingManager1 of the stand-in: what one program
// advertises there, another one hears.
type advertisers struct{ s *StandIn }

// registration is an advert of a program.
type registration struct {
	program dbus.Sender
	path    dbus.ObjectPath
}

// maxRegistrations is more than any adapter has.
const maxRegistrations = 64

// RegisterAdvertisement reads an advert at a program's object, and sends it.
func (a advertisers) RegisterAdvertisement(program dbus.Sender, path dbus.ObjectPath, _ map[string]dbus.Variant) *dbus.Error {
	var told map[string]dbus.Variant
	object := a.s.bus.Conn.Object(string(program), path)
	if err := object.Call(properties+".GetAll", 0, advertisementFace).Store(&told); err != nil {
		return dbus.MakeFailedError(err)
	}
	services, _ := told["ServiceData"].Value().(map[string]dbus.Variant)
	if len(services) != 1 {
		return dbus.MakeFailedError(errors.New("an advert here has data of one service"))
	}
	uuids, _ := told["ServiceUUIDs"].Value().([]string)
	for uuid, value := range services {
		data, _ := value.Value().([]byte)
		if err := a.s.register(registration{program, path}, uuid, data, uuids); err != nil {
			return dbus.MakeFailedError(err)
		}
	}
	return nil
}

// UnregisterAdvertisement ends an advert.
func (a advertisers) UnregisterAdvertisement(program dbus.Sender, path dbus.ObjectPath) *dbus.Error {
	if !a.s.unregister(registration{program, path}) {
		return dbus.NewError("org.bluez.Error.DoesNotExist", nil)
	}
	return nil
}

func (s *StandIn) register(r registration, uuid string, data []byte, uuids []string) error {
	s.mu.Lock()
	_, taken := s.registered[r]
	full := len(s.registered) >= maxRegistrations
	s.mu.Unlock()
	if taken || full {
		return errors.New("there is such an advert, or too many")
	}
	stop, err := s.advertise(uuid, data, uuids)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registered[r] = stop
	return nil
}

func (s *StandIn) unregister(r registration) bool {
	s.mu.Lock()
	stop, found := s.registered[r]
	delete(s.registered, r)
	s.mu.Unlock()
	if found {
		stop()
	}
	return found
}

// left ends the adverts and services of a program that has left the bus.
func (s *StandIn) left(program dbus.Sender) {
	s.mu.Lock()
	s.drop(func(r registration) bool { return r.program == program })
	var theirs []registration
	for r := range s.registered {
		if r.program == program {
			theirs = append(theirs, r)
		}
	}
	s.mu.Unlock()
	for _, r := range theirs {
		s.unregister(r)
	}
}
