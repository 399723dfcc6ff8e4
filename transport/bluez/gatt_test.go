package bluez_test

import (
	"context"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/bluez"
)

// serveKey offers a security key through the stand-in, until the test ends.
func serveKey(t *testing.T) (*bluez.StandIn, *authenticator.Authenticator) {
	t.Helper()
	s := standIn(t)
	r := radio(t, s)
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(new(authenticator.ScriptedUser)), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewBLEServer(device)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- r.ServeFIDO(ctx, server) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-served)
		server.Close()
	})
	require.NoError(t, s.Offered(t.Context(), ble.ServiceUUID))
	return s, device
}

// central is a [transport.GATT] over a connection at the stand-in.
type central struct {
	*bluez.Central
	stop func()
}

func (c *central) Subscribe(ctx context.Context, uuid string, notified func([]byte)) error {
	values, stop, err := c.Central.Subscribe(ctx, uuid)
	if err != nil {
		return err
	}
	c.stop = stop
	go func() {
		for value := range values {
			notified(value)
		}
	}()
	return nil
}

func (c *central) Close() error {
	if c.stop != nil {
		c.stop()
	}
	c.Disconnect()
	return nil
}

func connect(t *testing.T, s *bluez.StandIn, paired bool) *central {
	t.Helper()
	c, err := s.Connect(ble.ServiceUUID, 247, paired)
	require.NoError(t, err)
	return &central{Central: c}
}

// A client that has paired uses the key as over any other transport.
func TestSecurityKeyOverBluetooth(t *testing.T) {
	t.Parallel()
	s, device := serveKey(t)
	client, err := transport.OpenBLE(t.Context(), connect(t, s, true), 0)
	require.NoError(t, err)
	direct, err := ctap.Call(t.Context(), device, &ctap.GetInfoRequest{})
	require.NoError(t, err)
	info, err := ctap.Call(t.Context(), client, &ctap.GetInfoRequest{})
	require.NoError(t, err)
	assert.Equal(t, direct.AAGUID, info.AAGUID)
	payload := make([]byte, 2000)
	answer, err := client.Ping(t.Context(), payload)
	require.NoError(t, err)
	assert.Equal(t, payload, answer)
	_, err = ctap.Call(t.Context(), client, &ctap.SelectionRequest{})
	require.NoError(t, err)
	require.NoError(t, client.Close())

	again, err := transport.OpenBLE(t.Context(), await(t, s), ble.U2F12)
	require.NoError(t, err, "the next client")
	defer again.Close()
	assert.Equal(t, ble.U2F12, again.Revision())
}

// await connects and waits until the key has let go of the one before.
func await(t *testing.T, s *bluez.StandIn) *central {
	t.Helper()
	c := connect(t, s, true)
	for {
		_, err := c.Read(t.Context(), ble.ControlPointLengthUUID)
		if err == nil {
			return c
		}
		require.ErrorContains(t, err, "another client has the key")
	}
}

func TestCharacteristicsOverBluetooth(t *testing.T) {
	t.Parallel()
	s, _ := serveKey(t)
	c := connect(t, s, true)
	defer c.Disconnect()
	read := func(uuid string) []byte {
		value, err := c.Read(t.Context(), uuid)
		require.NoError(t, err)
		return value
	}
	assert.Equal(t, []byte{2, 0}, read(ble.ControlPointLengthUUID))
	assert.Equal(t, []byte{0x60}, read(ble.RevisionBitfieldUUID), "CTAP2 and U2F 1.2")
	assert.Equal(t, "1.2", string(read(ble.RevisionUUID)))
	require.NoError(t, c.Write(t.Context(), ble.RevisionBitfieldUUID, []byte{0x40}))
	require.ErrorContains(t, c.Write(t.Context(), ble.RevisionBitfieldUUID, []byte{0x60}), "not a value")
	_, err := c.Read(t.Context(), ble.ControlPointUUID)
	require.ErrorIs(t, err, bluez.ErrNotAllowed)

	second := connect(t, s, true)
	defer second.Disconnect()
	_, err = second.Read(t.Context(), ble.ControlPointLengthUUID)
	require.ErrorContains(t, err, "another client has the key")
}

func TestClientsHaveToPair(t *testing.T) {
	t.Parallel()
	s, _ := serveKey(t)
	stranger := connect(t, s, false)
	defer stranger.Disconnect()
	for _, uuid := range []string{ble.ControlPointLengthUUID, ble.RevisionBitfieldUUID, ble.RevisionUUID} {
		_, err := stranger.Read(t.Context(), uuid)
		require.ErrorIs(t, err, bluez.ErrNotAllowed)
	}
	require.ErrorIs(t, stranger.Write(t.Context(), ble.ControlPointUUID, []byte{0x81, 0, 0}), bluez.ErrNotAllowed)
}

// The key is found by its service, once that is there.
func TestKeyIsAdvertised(t *testing.T) {
	t.Parallel()
	s, _ := serveKey(t)
	conn, err := dbus.Connect(s.Address())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Object("org.bluez", "/org/bluez/hci0").Call("org.bluez.Adapter1.StartDiscovery", 0).Err)
	require.Eventually(t, func() bool { return s.Adverts() == 1 }, 10*time.Second, time.Millisecond)
	var all map[dbus.ObjectPath]map[string]map[string]dbus.Variant
	require.NoError(t, conn.Object("org.bluez", "/").Call("org.freedesktop.DBus.ObjectManager.GetManagedObjects", 0).Store(&all))
	device := all["/org/bluez/hci0/dev_C0_00_00_00_00_01"]["org.bluez.Device1"]
	assert.Equal(t, dbus.MakeVariant([]string{ble.ServiceUUID}), device["UUIDs"])
	assert.Equal(t, dbus.MakeVariant(map[string]dbus.Variant{ble.ServiceUUID: dbus.MakeVariant([]byte{0x80})}), device["ServiceData"], "it can be paired with")
}

// nobody is a device that answers nothing.
type nobody struct{}

func (nobody) Exchange(context.Context, []byte) ([]byte, error) { return nil, context.Canceled }

func TestServingEnds(t *testing.T) {
	t.Parallel()
	s, err := bluez.StartStandIn(t.Context())
	require.NoError(t, err)
	r := radio(t, s)
	server, err := transport.NewBLEServer(nobody{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- r.ServeFIDO(ctx, server) }()
	require.NoError(t, s.Offered(t.Context(), ble.ServiceUUID))
	cancel()
	require.NoError(t, <-served)
	_, err = s.Connect(ble.ServiceUUID, 23, true)
	require.ErrorContains(t, err, "no program offers")

	go func() { served <- r.ServeFIDO(t.Context(), server) }()
	require.NoError(t, s.Offered(t.Context(), ble.ServiceUUID))
	require.NoError(t, s.Close())
	require.Error(t, <-served)
	require.ErrorContains(t, r.ServeFIDO(t.Context(), server), "listen to BlueZ")
}
