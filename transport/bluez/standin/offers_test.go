package standin_test

import (
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/bluez/standin"
)

const (
	register   = "org.bluez.LEAdvertisingManager1.RegisterAdvertisement"
	unregister = "org.bluez.LEAdvertisingManager1.UnregisterAdvertisement"
	offer      = "org.bluez.GattManager1.RegisterApplication"
	withdraw   = "org.bluez.GattManager1.UnregisterApplication"
	invalid    = "org.bluez.Error.InvalidArguments"
)

// describe makes an object of the program's that has properties.
func (p *program) describe(path dbus.ObjectPath, all properties) {
	p.t.Helper()
	require.NoError(p.t, p.ExportMethodTable(map[string]any{
		"GetAll": func(string) (properties, *dbus.Error) { return all, nil },
	}, path, "org.freedesktop.DBus.Properties"))
}

func data(uuid string, bytes int) dbus.Variant {
	return dbus.MakeVariant(properties{uuid: dbus.MakeVariant(make([]byte, bytes))})
}

func TestAdvertsOfPrograms(t *testing.T) {
	t.Parallel()
	p := join(t, start(t))
	broadcast := dbus.MakeVariant("broadcast")
	uuids := func(all ...string) dbus.Variant { return dbus.MakeVariant(all) }
	for _, c := range []struct {
		name string
		all  properties
		want string
	}{
		{"as much as fits", properties{"Type": broadcast, "ServiceData": data(fidoUUID, 24)}, ""},
		{"one byte more", properties{"Type": broadcast, "ServiceData": data(fidoUUID, 25)}, invalid},
		{"a service beside it", properties{"Type": broadcast, "ServiceData": data(fidoUUID, 21), "ServiceUUIDs": uuids(fidoUUID)}, invalid},
		{"a long service", properties{"Type": broadcast, "ServiceUUIDs": uuids("f1d0fff1-deaa-ecee-b42f-c9ba7ed623bb")}, ""},
		{"two of them", properties{"Type": broadcast, "ServiceUUIDs": uuids("f1d0fff1-deaa-ecee-b42f-c9ba7ed623bb", "f1d0fff2-deaa-ecee-b42f-c9ba7ed623bb")}, invalid},
		{"of no type", properties{"ServiceData": data(fidoUUID, 1)}, invalid},
		{"of another type", properties{"Type": dbus.MakeVariant("shout")}, invalid},
		{"with data that are none", properties{"Type": broadcast, "ServiceData": dbus.MakeVariant("data")}, invalid},
		{"with text for data", properties{"Type": broadcast, "ServiceData": dbus.MakeVariant(properties{fidoUUID: dbus.MakeVariant("data")})}, invalid},
		{"with services that are none", properties{"Type": broadcast, "ServiceUUIDs": dbus.MakeVariant(int32(1))}, invalid},
	} {
		p.describe("/advert", c.all)
		assert.Equal(t, c.want, p.refused(register, dbus.ObjectPath("/advert"), properties{}), c.name)
		if c.want == "" {
			assert.Equal(t, "org.bluez.Error.AlreadyExists", p.refused(register, dbus.ObjectPath("/advert"), properties{}))
			assert.Empty(t, p.refused(unregister, dbus.ObjectPath("/advert")))
		}
	}
	assert.Equal(t, invalid, p.refused(register, dbus.ObjectPath("/none"), properties{}), "nothing is there")
	assert.Equal(t, "org.bluez.Error.DoesNotExist", p.refused(unregister, dbus.ObjectPath("/advert")))
}

// What a program advertises is seen by others, like any device.
func TestProgramsSeeEachOther(t *testing.T) {
	t.Parallel()
	s := start(t)
	phone, computer := join(t, s), join(t, s)
	computer.scan()
	phone.describe("/advert", properties{"Type": dbus.MakeVariant("broadcast"), "ServiceData": data(fidoUUID, 20), "LocalName": dbus.MakeVariant("phone")})
	require.Empty(t, phone.refused(register, dbus.ObjectPath("/advert"), properties{}))
	path, device := computer.seen()
	assert.Equal(t, make([]byte, 20), serviceData(t, device, fidoUUID))
	assert.Equal(t, dbus.MakeVariant("phone"), device["Name"])
	require.NoError(t, phone.Close())
	assert.Equal(t, path, computer.lost(), "it ends with the program")
}

const service = "0000fffd-0000-1000-8000-00805f9b34fb"

// application is what a program says of its services under /app.
func application() objects {
	return objects{
		"/app/s": {"org.bluez.GattService1": {"UUID": dbus.MakeVariant(service), "Primary": dbus.MakeVariant(true)}},
		"/app/s/c": {"org.bluez.GattCharacteristic1": {
			"UUID": dbus.MakeVariant(fidoUUID), "Service": dbus.MakeVariant(dbus.ObjectPath("/app/s")), "Flags": dbus.MakeVariant([]string{"read", "write", "notify"}),
		}},
	}
}

// offers makes the program tell of services.
func (p *program) offers(all objects) {
	p.t.Helper()
	require.NoError(p.t, p.ExportMethodTable(map[string]any{
		"GetManagedObjects": func() (objects, *dbus.Error) { return all, nil },
	}, "/app", "org.freedesktop.DBus.ObjectManager"))
}

func TestServicesOfPrograms(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := join(t, s)
	app := dbus.ObjectPath("/app")
	for name, spoil := range map[string]func(objects){
		"nothing":          func(all objects) { clear(all) },
		"no service":       func(all objects) { delete(all, "/app/s") },
		"elsewhere":        func(all objects) { all["/other"] = all["/app/s"] },
		"without a UUID":   func(all objects) { delete(all["/app/s/c"]["org.bluez.GattCharacteristic1"], "UUID") },
		"without flags":    func(all objects) { delete(all["/app/s/c"]["org.bluez.GattCharacteristic1"], "Flags") },
		"without services": func(all objects) { delete(all["/app/s/c"]["org.bluez.GattCharacteristic1"], "Service") },
	} {
		all := application()
		spoil(all)
		p.offers(all)
		assert.Equal(t, invalid, p.refused(offer, app, properties{}), name)
	}
	assert.Equal(t, "org.bluez.Error.DoesNotExist", p.refused(withdraw, app))
	p.offers(application())
	require.Empty(t, p.refused(offer, app, properties{}))
	assert.Equal(t, "org.bluez.Error.AlreadyExists", p.refused(offer, app, properties{}))
	require.NoError(t, s.Offered(t.Context(), service))
	require.Empty(t, p.refused(withdraw, app))
	_, err := s.Connect(service, 23, false)
	require.Error(t, err)
}

// A remote device reads, writes and is notified, and the program hears who it is.
func TestCentrals(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := join(t, s)
	p.offers(application())
	asked := make(chan properties, 1)
	require.NoError(t, p.ExportMethodTable(map[string]any{
		"ReadValue": func(given properties) ([]byte, *dbus.Error) { asked <- given; return []byte{1}, nil },
		"WriteValue": func(value []byte, _ properties) *dbus.Error {
			require.NoError(t, p.Emit("/app/s/c", "org.freedesktop.DBus.Properties.PropertiesChanged", "org.bluez.GattCharacteristic1", properties{"Value": dbus.MakeVariant(value)}, []string{}))
			return nil
		},
		"StartNotify": func() *dbus.Error { return nil },
		"StopNotify":  func() *dbus.Error { return nil },
	}, "/app/s/c", "org.bluez.GattCharacteristic1"))
	require.Empty(t, p.refused(offer, dbus.ObjectPath("/app"), properties{}))

	c, err := s.Connect(service, 100, false)
	require.NoError(t, err)
	path, device := p.seen()
	assert.Equal(t, dbus.MakeVariant(true), device["Connected"])
	value, err := c.Read(t.Context(), fidoUUID)
	require.NoError(t, err)
	assert.Equal(t, []byte{1}, value)
	options := <-asked
	assert.Equal(t, dbus.MakeVariant(path), options["device"])
	assert.Equal(t, dbus.MakeVariant(uint16(100)), options["mtu"])
	notifications, stop, err := c.Subscribe(t.Context(), fidoUUID)
	require.NoError(t, err)
	require.NoError(t, c.Write(t.Context(), fidoUUID, []byte("echo")))
	assert.Equal(t, "echo", string(<-notifications))
	stop()
	_, open := <-notifications
	assert.False(t, open)
	_, err = c.Read(t.Context(), otherUUID)
	require.ErrorContains(t, err, "no characteristic")
	assert.Equal(t, []string{"read", "write", "notify"}, c.Flags(fidoUUID))
	assert.Empty(t, c.Flags(otherUUID))

	c.Disconnect()
	c.Disconnect()
	var iface string
	var changed properties
	var invalidated []string
	require.NoError(t, dbus.Store(p.next("org.freedesktop.DBus.Properties.PropertiesChanged").Body, &iface, &changed, &invalidated))
	assert.Equal(t, dbus.MakeVariant(false), changed["Connected"])
	assert.Equal(t, path, p.lost())
}

func TestAdvertised(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.Put(standin.Advert{UUIDs: []string{otherUUID}, Name: "other"})
	require.NoError(t, err)
	_, err = s.Put(standin.Advert{UUIDs: []string{service}, Name: "key"})
	require.NoError(t, err)
	found, err := s.Advertised(t.Context(), service)
	require.NoError(t, err)
	assert.Equal(t, "key", found.Name)
}
