package standin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Advert is what a device near by sends over and over.
type Advert struct {
	ServiceData map[string][]byte // by UUID, of 128 bits in lower case
	UUIDs       []string          // of its services
	Name        string
	Address     string // made up if empty
}

// sight is an advert on the air.
type sight struct{ Advert }

func (a *sight) path() dbus.ObjectPath {
	return adapterPath + "/dev_" + dbus.ObjectPath(strings.ReplaceAll(a.Address, ":", "_"))
}

func (a *sight) properties() properties {
	data := properties{}
	for uuid, value := range a.ServiceData {
		data[uuid] = dbus.MakeVariant(value)
	}
	p := device(a.Address)
	p["RSSI"] = dbus.MakeVariant(int16(-50))
	p["ServiceData"] = dbus.MakeVariant(data)
	p["UUIDs"] = dbus.MakeVariant(append([]string{}, a.UUIDs...))
	if a.Name != "" {
		p["Name"], p["Alias"] = dbus.MakeVariant(a.Name), dbus.MakeVariant(a.Name)
	}
	return p
}

// device is what every device has.
func device(address string) properties {
	return properties{
		"Address":     dbus.MakeVariant(address),
		"AddressType": dbus.MakeVariant("random"),
		"Alias":       dbus.MakeVariant(strings.ReplaceAll(address, ":", "-")),
		"Adapter":     dbus.MakeVariant(adapterPath),
		"Paired":      dbus.MakeVariant(false),
		"Bonded":      dbus.MakeVariant(false),
		"Trusted":     dbus.MakeVariant(false),
		"Blocked":     dbus.MakeVariant(false),
		"Connected":   dbus.MakeVariant(false),
	}
}

// nextAddress makes up an address, a static random one. The mutex is held.
func (s *StandIn) nextAddress() string {
	s.made++
	return fmt.Sprintf("C0:00:00:%02X:%02X:%02X", byte(s.made>>16), byte(s.made>>8), byte(s.made))
}

// Put puts an advert on the air until remove is called. It is seen by programs
// that scan, now or later. It fails where another advert has the address.
func (s *StandIn) Put(a Advert) (remove func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	on := &sight{a}
	if on.Address == "" {
		on.Address = s.nextAddress()
	}
	path := on.path()
	if !path.IsValid() {
		return nil, fmt.Errorf("advert: %q is no address", on.Address)
	}
	if s.ads[path] != nil {
		return nil, fmt.Errorf("advert: somebody else is at %s", on.Address)
	}
	s.ads[path] = on
	s.tell()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.ads, path)
		s.tell()
	}), nil
}

// Advertise puts service data of the hybrid transport on the air, until stop is
// called.
func (s *StandIn) Advertise(ctx context.Context, serviceData []byte) (stop func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.Put(Advert{ServiceData: map[string][]byte{hybrid.ServiceUUID: slices.Clone(serviceData)}})
}

// Scan hears the service data of the hybrid transport that are on the air, each
// once: what programs advertise, too. It is a radio near by, and none of the
// adapter's. It returns nil when heard has had enough.
func (s *StandIn) Scan(ctx context.Context, heard func(serviceData []byte) (enough bool)) error {
	known := map[*sight]bool{}
	for {
		var news [][]byte
		if err := s.until(ctx, func() bool {
			for _, on := range s.ads {
				if data, ok := on.ServiceData[hybrid.ServiceUUID]; ok && !known[on] {
					known[on] = true
					news = append(news, slices.Clone(data))
				}
			}
			return len(news) > 0
		}); err != nil {
			return err
		}
		if slices.ContainsFunc(news, heard) {
			return nil
		}
	}
}

// show lets programs see what has come on the air or left it. While nobody scans
// nothing is seen, and what was seen is forgotten. The mutex is held.
func (s *StandIn) show() {
	for path, known := range s.shown {
		if !s.discovering() || s.ads[path] != known {
			delete(s.shown, path)
			s.removed(path)
		}
	}
	if !s.discovering() {
		return
	}
	for path, on := range s.ads {
		if s.shown[path] == nil {
			s.shown[path] = on
			s.added(path, on.properties())
		}
	}
}

// Advertised waits until somebody advertises a service, and returns the advert.
func (s *StandIn) Advertised(ctx context.Context, service string) (a Advert, err error) {
	err = s.until(ctx, func() bool {
		for _, on := range s.ads {
			if slices.Contains(on.UUIDs, service) {
				a = on.Advert
				return true
			}
		}
		return false
	})
	return a, err
}
