package standin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	gattInterface           = "org.bluez.GattManager1"
	serviceInterface        = "org.bluez.GattService1"
	characteristicInterface = "org.bluez.GattCharacteristic1"
)

// application is a program's services.
type application struct {
	registration
	services        []string                   // UUIDs of the primary ones
	characteristics map[string]*characteristic // by UUID
}

type characteristic struct {
	path  dbus.ObjectPath
	flags []string
}

func (s *StandIn) registerApplication(program dbus.Sender, path dbus.ObjectPath, _ properties) *dbus.Error {
	app, err := s.readApplication(registration{program, path})
	if err != nil {
		return refusal("InvalidArguments", err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.apps, func(a *application) bool { return a.registration == app.registration }) {
		return errAlreadyExists
	}
	s.apps = append(s.apps, app)
	s.tell()
	return nil
}

func (s *StandIn) unregisterApplication(program dbus.Sender, path dbus.ObjectPath) *dbus.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.withdraw(program, path) {
		return errDoesNotExist
	}
	s.tell()
	return nil
}

// withdraw drops a program's application at a path, or all if path is empty. The
// mutex is held.
func (s *StandIn) withdraw(program dbus.Sender, path dbus.ObjectPath) (found bool) {
	before := len(s.apps)
	s.apps = slices.DeleteFunc(s.apps, func(a *application) bool {
		return a.program == program && (path == "" || a.path == path)
	})
	return len(s.apps) < before
}

// readApplication asks a program what services it has.
func (s *StandIn) readApplication(r registration) (*application, error) {
	var all objects
	if err := s.bus.Conn.Object(string(r.program), r.path).Call(managerInterface+".GetManagedObjects", 0).Store(&all); err != nil {
		return nil, fmt.Errorf("reading the services: %w", err)
	}
	app := &application{registration: r, characteristics: map[string]*characteristic{}}
	for path, ifaces := range all {
		if !strings.HasPrefix(string(path), strings.TrimSuffix(string(r.path), "/")+"/") {
			return nil, fmt.Errorf("%s is not under %s", path, r.path)
		}
		if p, ok := ifaces[serviceInterface]; ok {
			uuid, _ := p["UUID"].Value().(string)
			app.services = append(app.services, strings.ToLower(uuid))
		}
		p, ok := ifaces[characteristicInterface]
		if !ok {
			continue
		}
		uuid, _ := p["UUID"].Value().(string)
		service, _ := p["Service"].Value().(dbus.ObjectPath)
		flags, _ := p["Flags"].Value().([]string)
		if uuid == "" || len(flags) == 0 || all[service][serviceInterface] == nil {
			return nil, fmt.Errorf("%s lacks a UUID, a service or flags", path)
		}
		app.characteristics[strings.ToLower(uuid)] = &characteristic{path: path, flags: flags}
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
		if slices.Contains(app.services, strings.ToLower(service)) {
			return app
		}
	}
	return nil
}
