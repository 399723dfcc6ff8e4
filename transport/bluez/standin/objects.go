package standin

import (
	"maps"

	"github.com/godbus/dbus/v5"
)

type (
	properties = map[string]dbus.Variant
	interfaces = map[string]properties
	objects    = map[dbus.ObjectPath]interfaces
)

// refusal is an error as BlueZ has it.
func refusal(name, why string) *dbus.Error {
	return dbus.NewError(busName+".Error."+name, []any{why})
}

var (
	errNotReady      = refusal("NotReady", "Resource Not Ready")
	errInvalid       = refusal("InvalidArguments", "Invalid arguments in method call")
	errInProgress    = refusal("InProgress", "Operation already in progress")
	errNoDiscovery   = refusal("Failed", "No discovery started")
	errAlreadyExists = refusal("AlreadyExists", "Already Exists")
	errDoesNotExist  = refusal("DoesNotExist", "Does Not Exist")
	errReadOnly      = dbus.NewError("org.freedesktop.DBus.Error.PropertyReadOnly", []any{"the property cannot be set"})
	errNoProperty    = dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"no such property"})
)

// tree is all that there is. The mutex is held.
func (s *StandIn) tree() objects {
	all := objects{adapterPath: {
		adapterInterface:     s.adapter(),
		advertisingInterface: {"ActiveInstances": dbus.MakeVariant(byte(len(s.own))), "SupportedInstances": dbus.MakeVariant(byte(maxOwn))},
		gattInterface:        {},
	}}
	for path, sight := range s.shown {
		all[path] = interfaces{deviceInterface: sight.properties()}
	}
	for path, central := range s.centrals {
		all[path] = interfaces{deviceInterface: central.properties()}
	}
	return all
}

func (s *StandIn) adapter() properties {
	return properties{
		"Address":      dbus.MakeVariant("02:00:00:00:00:01"),
		"AddressType":  dbus.MakeVariant("public"),
		"Name":         dbus.MakeVariant("passkeylab"),
		"Alias":        dbus.MakeVariant("passkeylab"),
		"Powered":      dbus.MakeVariant(s.powered),
		"Discoverable": dbus.MakeVariant(false),
		"Pairable":     dbus.MakeVariant(false),
		"Discovering":  dbus.MakeVariant(s.discovering()),
		"UUIDs":        dbus.MakeVariant([]string{}),
		"Roles":        dbus.MakeVariant([]string{"central", "peripheral"}),
	}
}

func (s *StandIn) getManagedObjects() (objects, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree(), nil
}

// pathOf is the object that a call is for.
func pathOf(call dbus.Message) dbus.ObjectPath {
	path, _ := call.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	return path
}

func (s *StandIn) getAll(call dbus.Message, iface string) (properties, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.tree()[pathOf(call)][iface]
	if !ok {
		return nil, errNoProperty
	}
	return found, nil
}

func (s *StandIn) get(call dbus.Message, iface, name string) (dbus.Variant, *dbus.Error) {
	all, err := s.getAll(call, iface)
	if err != nil {
		return dbus.Variant{}, err
	}
	value, ok := all[name]
	if !ok {
		return dbus.Variant{}, errNoProperty
	}
	return value, nil
}

func (s *StandIn) set(call dbus.Message, iface, name string, value dbus.Variant) *dbus.Error {
	on, ok := value.Value().(bool)
	if pathOf(call) != adapterPath || iface != adapterInterface || name != "Powered" || !ok {
		return errReadOnly
	}
	s.SetPowered(on)
	return nil
}

// emit sends a signal. Where that fails the bus has ended, and who would hear it
// has too.
func (s *StandIn) emit(path dbus.ObjectPath, signal string, values ...any) {
	_ = s.bus.Conn.Emit(path, signal, values...)
}

func (s *StandIn) changedProperties(path dbus.ObjectPath, iface string, changed properties) {
	s.emit(path, propertiesInterface+".PropertiesChanged", iface, changed, []string{})
}

func (s *StandIn) added(path dbus.ObjectPath, device properties) {
	s.emit("/", managerInterface+".InterfacesAdded", path, interfaces{deviceInterface: maps.Clone(device)})
}

func (s *StandIn) removed(path dbus.ObjectPath) {
	s.emit("/", managerInterface+".InterfacesRemoved", path, []string{deviceInterface})
}
