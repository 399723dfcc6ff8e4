package bluez

import "github.com/godbus/dbus/v5"

// What BlueZ calls its things (doc/org.bluez.*.rst of its sources).
const (
	service       = "org.bluez"
	adapterFace   = "org.bluez.Adapter1"
	deviceFace    = "org.bluez.Device1"
	objectManager = "org.freedesktop.DBus.ObjectManager"
	properties    = "org.freedesktop.DBus.Properties"

	rootPath    = dbus.ObjectPath("/")
	adapterPath = dbus.ObjectPath("/org/bluez/hci0")
)

// The UUIDs under which phones advertise service data for hybrid transports, in
// the form of 128 bits that BlueZ uses.
const (
	// FIDOService is what CTAP 2.2 has assigned, 0xFFF9.
	FIDOService = "0000fff9-0000-1000-8000-00805f9b34fb"
	// LegacyService is what phones used before, 0xFDE2. Computers know both.
	LegacyService = "0000fde2-0000-1000-8000-00805f9b34fb"
)

// maxServiceData is what fits into an advert: 31 bytes, less length, type and UUID.
// An extended advert takes more, and what CTAP adds to the 20 bytes of its own is
// little.
const maxServiceData = 247

// faces are the interfaces of an object with their properties.
type faces map[string]map[string]dbus.Variant
