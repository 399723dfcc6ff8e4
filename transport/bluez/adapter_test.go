package bluez_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/privatebus"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/bluez/standin"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	s, _ := bluetooth(t)
	named, err := bluez.Open(t.Context(), s.Address(), "hci0")
	require.NoError(t, err)
	require.NoError(t, named.Close())
	_, err = bluez.Open(t.Context(), s.Address(), "hci1")
	require.ErrorIs(t, err, bluez.ErrNoAdapter)
	s.SetPowered(false)
	_, err = bluez.Open(t.Context(), s.Address(), "")
	require.ErrorIs(t, err, bluez.ErrNoAdapter)
	require.ErrorContains(t, err, "power on (hci0)")

	_, err = bluez.Open(t.Context(), "unix:path=/no/such/bus", "")
	require.ErrorContains(t, err, "the bus that BlueZ is reached over")
	bus, err := privatebus.Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer bus.Stop()
	_, err = bluez.Open(t.Context(), bus.Address, "")
	require.ErrorContains(t, err, "is bluetooth.service running")
}

func TestOpenSystem(t *testing.T) {
	s, _ := bluetooth(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", s.Address())
	a, err := bluez.OpenSystem(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, a.Close())
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/no/such/bus")
	_, err = bluez.OpenSystem(t.Context(), "")
	require.ErrorContains(t, err, "the system bus")
}

// heard collects what a scan hears until it has heard the last.
func heard(t *testing.T, scan func(context.Context, func([]byte) bool) error, last string) (all []string) {
	t.Helper()
	require.NoError(t, scan(t.Context(), func(data []byte) bool {
		all = append(all, string(data))
		return string(data) == last
	}))
	return all
}

// What the adapter advertises is on the air, and gone when stopped.
func TestAdvertise(t *testing.T) {
	t.Parallel()
	s, a := bluetooth(t)
	stop, err := a.Advertise(t.Context(), []byte("here I am"))
	require.NoError(t, err)
	assert.Equal(t, []string{"here I am"}, heard(t, s.Scan, "here I am"))
	_, err = a.Advertise(t.Context(), make([]byte, 25))
	require.ErrorContains(t, err, "BlueZ does not advertise")
	stop()
	stop()
	_, err = a.Advertise(t.Context(), []byte("again"))
	require.NoError(t, err)
	assert.Equal(t, []string{"again"}, heard(t, s.Scan, "again"), "the first has ended")
	for range 4 {
		_, err = a.Advertise(t.Context(), []byte("more"))
		require.NoError(t, err)
	}
	_, err = a.Advertise(t.Context(), []byte("too much"))
	require.ErrorContains(t, err, "Maximum")
}

// Adverts end with the program.
func TestClosingEndsAdverts(t *testing.T) {
	t.Parallel()
	s, a := bluetooth(t)
	other, err := bluez.Open(t.Context(), s.Address(), "")
	require.NoError(t, err)
	for range 5 {
		_, err = other.Advertise(t.Context(), []byte("other"))
		require.NoError(t, err)
	}
	require.NoError(t, other.Close())
	for err = errFull(t, a); err != nil; err = errFull(t, a) {
		require.ErrorContains(t, err, "Maximum") // until the bus has told that it left
	}
}

func errFull(t *testing.T, a *bluez.Adapter) error {
	_, err := a.Advertise(t.Context(), []byte("mine"))
	return err
}

func TestScan(t *testing.T) {
	t.Parallel()
	s, a := bluetooth(t)
	_, err := s.Put(standin.Advert{Name: "headphones", ServiceData: map[string][]byte{"0000feed-0000-1000-8000-00805f9b34fb": []byte("decoy")}})
	require.NoError(t, err)
	_, err = s.Put(standin.Advert{ServiceData: map[string][]byte{"0000fde2-0000-1000-8000-00805f9b34fb": []byte("old")}})
	require.NoError(t, err)
	phone := adapterOf(t, s)
	go func() {
		if assert.NoError(t, s.Scanning(context.Background())) {
			_, err := phone.Advertise(context.Background(), []byte("new"))
			assert.NoError(t, err)
		}
	}()
	assert.Equal(t, []string{"old", "new"}, heard(t, a.Scan, "new"))
	require.NoError(t, s.Quiet(t.Context()))

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- a.Scan(ctx, func([]byte) bool { return false }) }()
	require.NoError(t, s.Scanning(t.Context()))
	require.ErrorContains(t, a.Scan(t.Context(), nil), "BlueZ does not scan", "one at a time")
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NoError(t, s.Quiet(t.Context()))
}

func TestScanEndsWithTheBus(t *testing.T) {
	t.Parallel()
	s, err := standin.Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	a, err := bluez.Open(t.Context(), s.Address(), "")
	require.NoError(t, err)
	_, err = s.Advertise(t.Context(), nil)
	require.NoError(t, err)
	begun, ended := make(chan bool), make(chan error)
	go func() {
		ended <- a.Scan(t.Context(), func([]byte) bool {
			begun <- true
			return false
		})
	}()
	<-begun
	s.Stop()
	require.ErrorContains(t, <-ended, "has ended")
}
