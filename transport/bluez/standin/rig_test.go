package standin_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/bluez/standin"
)

const adapter = dbus.ObjectPath("/org/bluez/hci0")

// The tests are a program that knows BlueZ by its names alone, as Chromium does.

type (
	properties = map[string]dbus.Variant
	objects    = map[dbus.ObjectPath]map[string]properties
)

func start(t *testing.T) *standin.StandIn {
	t.Helper()
	s, err := standin.Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// program is one that uses Bluetooth.
type program struct {
	t testing.TB
	*dbus.Conn
	signals chan *dbus.Signal
}

func join(t testing.TB, s *standin.StandIn) *program {
	t.Helper()
	conn, err := dbus.Connect(s.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	p := &program{t, conn, make(chan *dbus.Signal, 1000)}
	conn.Signal(p.signals)
	require.NoError(t, conn.AddMatchSignal(dbus.WithMatchSender("org.bluez")))
	return p
}

func (p *program) call(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return p.Object("org.bluez", path).Call(method, 0, args...)
}

// refused is the name of the error that a call ends with, "" for none.
func (p *program) refused(method string, args ...any) string {
	err := p.call(adapter, method, args...).Err
	var refusal dbus.Error
	if errors.As(err, &refusal) {
		return refusal.Name
	}
	require.NoError(p.t, err)
	return ""
}

func (p *program) objects() (all objects) {
	p.t.Helper()
	require.NoError(p.t, p.call("/", "org.freedesktop.DBus.ObjectManager.GetManagedObjects").Store(&all))
	return all
}

func (p *program) scan() {
	p.t.Helper()
	require.Empty(p.t, p.refused("org.bluez.Adapter1.SetDiscoveryFilter", properties{"Transport": dbus.MakeVariant("le")}))
	require.Empty(p.t, p.refused("org.bluez.Adapter1.StartDiscovery"))
}

// next waits for a signal of a kind.
func (p *program) next(name string) *dbus.Signal {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		select {
		case signal := <-p.signals:
			if signal.Name == name {
				return signal
			}
		case <-ctx.Done():
			require.Fail(p.t, "no "+name)
		}
	}
}

// seen waits for a device and returns its path and what is told about it.
func (p *program) seen() (dbus.ObjectPath, properties) {
	p.t.Helper()
	signal := p.next("org.freedesktop.DBus.ObjectManager.InterfacesAdded")
	var path dbus.ObjectPath
	var ifaces map[string]properties
	require.NoError(p.t, dbus.Store(signal.Body, &path, &ifaces))
	return path, ifaces["org.bluez.Device1"]
}

// lost waits for a device to be forgotten.
func (p *program) lost() dbus.ObjectPath {
	p.t.Helper()
	var path dbus.ObjectPath
	var ifaces []string
	require.NoError(p.t, dbus.Store(p.next("org.freedesktop.DBus.ObjectManager.InterfacesRemoved").Body, &path, &ifaces))
	require.Equal(p.t, []string{"org.bluez.Device1"}, ifaces)
	return path
}

// serviceData is what a device sends under a UUID.
func serviceData(t testing.TB, device properties, uuid string) (data []byte) {
	t.Helper()
	var all properties
	require.NoError(t, device["ServiceData"].Store(&all))
	require.NoError(t, all[uuid].Store(&data))
	return data
}
