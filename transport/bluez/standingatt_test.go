package bluez_test

import (
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/bluez"
)

const (
	someService        = "0000fffd-0000-1000-8000-00805f9b34fb"
	someCharacteristic = "f1d0fff1-deaa-ecee-b42f-c9ba7ed623bb"

	registerApp   = "org.bluez.GattManager1.RegisterApplication"
	unregisterApp = "org.bluez.GattManager1.UnregisterApplication"
	appPath       = dbus.ObjectPath("/app")
)

type tree = map[dbus.ObjectPath]map[string]map[string]dbus.Variant

// application is what a program says of its services.
func application() tree {
	return tree{
		"/app/s": {"org.bluez.GattService1": {"UUID": dbus.MakeVariant(someService), "Primary": dbus.MakeVariant(true)}},
		"/app/s/c": {"org.bluez.GattCharacteristic1": {
			"UUID": dbus.MakeVariant(someCharacteristic), "Service": dbus.MakeVariant(dbus.ObjectPath("/app/s")), "Flags": dbus.MakeVariant([]string{"read", "write", "notify"}),
		}},
	}
}

// program is one that knows BlueZ by its names alone.
type program struct {
	t *testing.T
	*dbus.Conn
}

func join(t *testing.T, s *bluez.StandIn) *program {
	t.Helper()
	conn, err := dbus.Connect(s.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &program{t, conn}
}

func (p *program) has(services tree) {
	p.t.Helper()
	require.NoError(p.t, p.ExportMethodTable(map[string]any{
		"GetManagedObjects": func() (tree, *dbus.Error) { return services, nil },
	}, appPath, "org.freedesktop.DBus.ObjectManager"))
}

// refused is the name of the error that a call of the adapter ends with, "" for none.
func (p *program) refused(method string, args ...any) string {
	p.t.Helper()
	err := p.Object("org.bluez", "/org/bluez/hci0").Call(method, 0, args...).Err
	if err == nil {
		return ""
	}
	var refusal dbus.Error
	require.ErrorAs(p.t, err, &refusal)
	return refusal.Name
}

func TestServicesOfPrograms(t *testing.T) {
	t.Parallel()
	s := standIn(t)
	p := join(t, s)
	none := map[string]dbus.Variant{}
	for name, spoil := range map[string]func(tree){
		"nothing":           func(all tree) { clear(all) },
		"no service":        func(all tree) { delete(all, "/app/s") },
		"elsewhere":         func(all tree) { all["/other"] = all["/app/s"] },
		"without a UUID":    func(all tree) { delete(all["/app/s/c"]["org.bluez.GattCharacteristic1"], "UUID") },
		"without flags":     func(all tree) { delete(all["/app/s/c"]["org.bluez.GattCharacteristic1"], "Flags") },
		"without a service": func(all tree) { delete(all["/app/s/c"]["org.bluez.GattCharacteristic1"], "Service") },
	} {
		all := application()
		spoil(all)
		p.has(all)
		assert.Equal(t, "org.bluez.Error.InvalidArguments", p.refused(registerApp, appPath, none), name)
	}
	assert.Equal(t, "org.bluez.Error.DoesNotExist", p.refused(unregisterApp, appPath))
	p.has(application())
	require.Empty(t, p.refused(registerApp, appPath, none))
	assert.Equal(t, "org.bluez.Error.AlreadyExists", p.refused(registerApp, appPath, none))
	require.NoError(t, s.Offered(soon(t), someService))
	require.Empty(t, p.refused(unregisterApp, appPath))
	_, err := s.Connect(someService, 23, false)
	require.ErrorContains(t, err, "no program offers")
}

// A remote device reads, writes and is notified, and the program hears who it is.
func TestCentrals(t *testing.T) {
	t.Parallel()
	s := standIn(t)
	p := join(t, s)
	p.has(application())
	asked := make(chan map[string]dbus.Variant, 1)
	require.NoError(t, p.ExportMethodTable(map[string]any{
		"ReadValue": func(options map[string]dbus.Variant) ([]byte, *dbus.Error) { asked <- options; return []byte{1}, nil },
		"WriteValue": func(value []byte, _ map[string]dbus.Variant) *dbus.Error {
			assert.NoError(t, p.Emit("/app/s/c", "org.freedesktop.DBus.Properties.PropertiesChanged", "org.bluez.GattCharacteristic1", map[string]dbus.Variant{"Value": dbus.MakeVariant(value)}, []string{}))
			return nil
		},
		"StartNotify": func() *dbus.Error { return nil },
		"StopNotify":  func() *dbus.Error { return nil },
	}, "/app/s/c", "org.bluez.GattCharacteristic1"))
	require.Empty(t, p.refused(registerApp, appPath, map[string]dbus.Variant{}))

	c, err := s.Connect(someService, 100, false)
	require.NoError(t, err)
	value, err := c.Read(t.Context(), someCharacteristic)
	require.NoError(t, err)
	assert.Equal(t, []byte{1}, value)
	options := <-asked
	assert.Equal(t, dbus.MakeVariant(dbus.ObjectPath("/org/bluez/hci0/dev_C0_00_00_00_00_01")), options["device"])
	assert.Equal(t, dbus.MakeVariant(uint16(100)), options["mtu"])
	notifications, stop, err := c.Subscribe(t.Context(), someCharacteristic)
	require.NoError(t, err)
	require.NoError(t, c.Write(t.Context(), someCharacteristic, []byte("echo")))
	assert.Equal(t, "echo", string(<-notifications))
	stop()
	_, open := <-notifications
	assert.False(t, open)
	_, err = c.Read(t.Context(), someService)
	require.ErrorContains(t, err, "no characteristic")

	known := func() map[string]dbus.Variant {
		var all tree
		require.NoError(t, p.Object("org.bluez", "/").Call("org.freedesktop.DBus.ObjectManager.GetManagedObjects", 0).Store(&all))
		return all["/org/bluez/hci0/dev_C0_00_00_00_00_01"]["org.bluez.Device1"]
	}
	assert.Equal(t, dbus.MakeVariant(true), known()["Connected"])
	c.Disconnect()
	c.Disconnect()
	assert.Nil(t, known())
}
