package standin_test

import (
	"context"
	"errors"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/privatebus"
	"github.com/passkeylab/passkeylab/transport/bluez/standin"
)

const (
	fidoUUID  = "0000fff9-0000-1000-8000-00805f9b34fb"
	otherUUID = "0000feed-0000-1000-8000-00805f9b34fb"
)

// A program finds an adapter that is powered (hybrid needs no more than that).
func TestAdapter(t *testing.T) {
	t.Parallel()
	s := start(t)
	assert.Equal(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + s.Address()}, s.Environ())
	p := join(t, s)
	all := p.objects()
	require.Len(t, all, 1)
	assert.Equal(t, dbus.MakeVariant(true), all[adapter]["org.bluez.Adapter1"]["Powered"])

	get := func(name string) any {
		value, err := p.Object("org.bluez", adapter).GetProperty("org.bluez.Adapter1." + name)
		require.NoError(t, err)
		return value.Value()
	}
	assert.Equal(t, true, get("Powered"))
	var adapterProperties properties
	require.NoError(t, p.call(adapter, "org.freedesktop.DBus.Properties.GetAll", "org.bluez.Adapter1").Store(&adapterProperties))
	assert.Equal(t, all[adapter]["org.bluez.Adapter1"], adapterProperties)
	set := func(name string, value any) string {
		return p.refused("org.freedesktop.DBus.Properties.Set", "org.bluez.Adapter1", name, dbus.MakeVariant(value))
	}
	assert.Empty(t, set("Powered", false))
	assert.Equal(t, false, get("Powered"))
	assert.Equal(t, "org.freedesktop.DBus.Error.PropertyReadOnly", set("Address", "00:00:00:00:00:00"))
	assert.Equal(t, "org.freedesktop.DBus.Error.InvalidArgs", p.refused("org.freedesktop.DBus.Properties.Get", "org.bluez.Adapter1", "Colour"))
	assert.Equal(t, "org.freedesktop.DBus.Error.InvalidArgs", p.refused("org.freedesktop.DBus.Properties.GetAll", "org.bluez.Colour1"))
}

// Adverts are seen by who scans, those that were there first too, each with its own
// address, and are lost when they end.
func TestAdverts(t *testing.T) {
	t.Parallel()
	s := start(t)
	stopFirst, err := s.Advertise(t.Context(), []byte("first"))
	require.NoError(t, err)
	p := join(t, s)
	assert.Len(t, p.objects(), 1, "nobody scans")
	p.scan()
	first, device := p.seen()
	assert.Equal(t, "first", string(serviceData(t, device, fidoUUID)))
	assert.Equal(t, dbus.MakeVariant(adapter), device["Adapter"])
	assert.Equal(t, dbus.MakeVariant("C0:00:00:00:00:01"), device["Address"])
	assert.Equal(t, adapter+"/dev_C0_00_00_00_00_01", first)

	stopSecond, err := s.Advertise(t.Context(), []byte("second"))
	require.NoError(t, err)
	second, device := p.seen()
	assert.Equal(t, "second", string(serviceData(t, device, fidoUUID)))
	assert.NotEqual(t, first, second)
	assert.Equal(t, device, p.objects()[second]["org.bluez.Device1"])

	removeDecoy, err := s.Put(standin.Advert{ServiceData: map[string][]byte{otherUUID: {1}}, UUIDs: []string{otherUUID}, Name: "headphones", Address: "C1:02:03:04:05:06"})
	require.NoError(t, err)
	decoy, device := p.seen()
	assert.Equal(t, adapter+"/dev_C1_02_03_04_05_06", decoy)
	assert.Equal(t, dbus.MakeVariant("headphones"), device["Name"])
	assert.Equal(t, []byte{1}, serviceData(t, device, otherUUID))

	for _, end := range []struct {
		end  func()
		path dbus.ObjectPath
	}{{stopSecond, second}, {removeDecoy, decoy}, {stopFirst, first}} {
		end.end()
		end.end()
		assert.Equal(t, end.path, p.lost())
	}
	assert.Len(t, p.objects(), 1)
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.Put(standin.Advert{Address: "C1:02:03:04:05:06"})
	require.NoError(t, err)
	_, err = s.Put(standin.Advert{Address: "C1:02:03:04:05:06"})
	require.ErrorContains(t, err, "somebody else")
	_, err = s.Put(standin.Advert{Address: "here"})
	require.NoError(t, err)
	_, err = s.Put(standin.Advert{Address: "here; or there"})
	require.ErrorContains(t, err, "no address")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Advertise(ended, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// Whether somebody scans is an event, so that nobody has to sleep.
func TestScanningIsAnEvent(t *testing.T) {
	t.Parallel()
	s := start(t)
	one, two := join(t, s), join(t, s)
	require.NoError(t, s.Quiet(t.Context()))
	began := make(chan error)
	go func() { began <- s.Scanning(t.Context()) }()
	one.scan()
	require.NoError(t, <-began)
	two.scan()
	assert.Equal(t, "org.bluez.Error.InProgress", two.refused("org.bluez.Adapter1.StartDiscovery"))
	assert.Empty(t, two.refused("org.bluez.Adapter1.StopDiscovery"))
	require.NoError(t, s.Scanning(t.Context()), "one still does")
	require.NoError(t, one.Close(), "whoever leaves the bus scans no more")
	require.NoError(t, s.Quiet(t.Context()))
	assert.Equal(t, "org.bluez.Error.Failed", two.refused("org.bluez.Adapter1.StopDiscovery"))

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough waited"))
	require.ErrorContains(t, s.Scanning(ctx), "enough waited")
}

func TestWithoutPower(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := join(t, s)
	p.scan()
	_, err := s.Advertise(t.Context(), []byte{1})
	require.NoError(t, err)
	path, _ := p.seen()
	s.SetPowered(false)
	assert.Equal(t, path, p.lost())
	require.NoError(t, s.Quiet(t.Context()))
	assert.Equal(t, "org.bluez.Error.NotReady", p.refused("org.bluez.Adapter1.StartDiscovery"))
	s.SetPowered(true)
	p.scan()
	again, _ := p.seen()
	assert.Equal(t, path, again)
}

func TestFilters(t *testing.T) {
	t.Parallel()
	p := join(t, start(t))
	assert.Empty(t, p.refused("org.bluez.Adapter1.SetDiscoveryFilter", properties{}))
	assert.Equal(t, "org.bluez.Error.InvalidArguments", p.refused("org.bluez.Adapter1.SetDiscoveryFilter", properties{"Transport": dbus.MakeVariant("bredr")}))
}

// Scan is a radio near by, which hears what is on the air once.
func TestScan(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, data := range []string{"a", "b"} {
		_, err := s.Advertise(t.Context(), []byte(data))
		require.NoError(t, err)
	}
	_, err := s.Put(standin.Advert{ServiceData: map[string][]byte{otherUUID: []byte("decoy")}})
	require.NoError(t, err)
	heard, done := make(chan string, 10), make(chan error)
	go func() {
		done <- s.Scan(t.Context(), func(data []byte) bool {
			heard <- string(data)
			return string(data) == "c"
		})
	}()
	assert.ElementsMatch(t, []string{"a", "b"}, []string{<-heard, <-heard})
	_, err = s.Advertise(t.Context(), []byte("c"))
	require.NoError(t, err)
	require.NoError(t, <-done)
	assert.Equal(t, "c", <-heard)
	assert.Empty(t, heard)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Scan(ctx, func([]byte) bool { return false }), context.Canceled)
}

func TestStartNeedsABus(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := standin.Start(t.Context(), t.TempDir())
	require.ErrorIs(t, err, privatebus.ErrNoDBus)
}
