package bluez

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// applications is org.bluez.GattManager1 of the stand-in.
type applications struct{ s *StandIn }

// application is a program's services.
type application struct {
	registration
	services        []string                          // UUIDs
	characteristics map[string]*standInCharacteristic // by UUID
}

type standInCharacteristic struct {
	path  dbus.ObjectPath
	flags []string
}

// RegisterApplication reads what services a program has, and offers them.
func (a applications) RegisterApplication(program dbus.Sender, path dbus.ObjectPath, _ map[string]dbus.Variant) *dbus.Error {
	app, err := a.s.readApplication(registration{program, path})
	if err != nil {
		return dbus.NewError("org.bluez.Error.InvalidArguments", []any{err.Error()})
	}
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	if slices.ContainsFunc(a.s.apps, func(other *application) bool { return other.registration == app.registration }) {
		return dbus.NewError("org.bluez.Error.AlreadyExists", nil)
	}
	a.s.apps = append(a.s.apps, app)
	a.s.tell()
	return nil
}

// UnregisterApplication ends that.
func (a applications) UnregisterApplication(program dbus.Sender, path dbus.ObjectPath) *dbus.Error {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	if !a.s.drop(func(r registration) bool { return r == registration{program, path} }) {
		return dbus.NewError("org.bluez.Error.DoesNotExist", nil)
	}
	return nil
}

// drop ends applications and tells whether there were any. It is called with s
// locked.
func (s *StandIn) drop(ends func(registration) bool) bool {
	before := len(s.apps)
	s.apps = slices.DeleteFunc(s.apps, func(a *application) bool { return ends(a.registration) })
	s.tell()
	return len(s.apps) < before
}

// readApplication asks a program what services it has.
func (s *StandIn) readApplication(r registration) (*application, error) {
	var all map[dbus.ObjectPath]faces
	if err := s.bus.Conn.Object(string(r.program), r.path).Call(objectManager+".GetManagedObjects", 0).Store(&all); err != nil {
		return nil, fmt.Errorf("reading the services: %w", err)
	}
	app := &application{registration: r, characteristics: map[string]*standInCharacteristic{}}
	for path, faces := range all {
		if !strings.HasPrefix(string(path), strings.TrimSuffix(string(r.path), "/")+"/") {
			return nil, fmt.Errorf("%s is not under %s", path, r.path)
		}
		if service, ok := faces[serviceFace]; ok {
			uuid, _ := service["UUID"].Value().(string)
			app.services = append(app.services, uuid)
		}
		if told, ok := faces[characteristicFace]; ok {
			uuid, _ := told["UUID"].Value().(string)
			service, _ := told["Service"].Value().(dbus.ObjectPath)
			flags, _ := told["Flags"].Value().([]string)
			if uuid == "" || len(flags) == 0 || all[service][serviceFace] == nil {
				return nil, fmt.Errorf("%s lacks a UUID, a service or flags", path)
			}
			app.characteristics[uuid] = &standInCharacteristic{path, flags}
		}
	}
	if len(app.services) == 0 {
		return nil, fmt.Errorf("no services under %s", r.path)
	}
	return app, nil
}

// Offered waits until a program offers a service.
func (s *StandIn) Offered(ctx context.Context, service string) error {
	return s.until(ctx, func() bool { return s.offering(service) != nil })
}

func (s *StandIn) offering(service string) *application {
	for _, app := range s.apps {
		if slices.Contains(app.services, service) {
			return app
		}
	}
	return nil
}
