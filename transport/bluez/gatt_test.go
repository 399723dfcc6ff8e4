package bluez_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/bluez/standin"
)

// serveKey offers a security key through the stand-in, until the test ends.
func serveKey(t *testing.T) (*standin.StandIn, *authenticator.Authenticator) {
	t.Helper()
	s, a := bluetooth(t)
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(new(authenticator.ScriptedUser)), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewBLEServer(device)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- a.ServeFIDO(ctx, server) }()
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
	*standin.Central
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

func connect(t *testing.T, s *standin.StandIn, paired bool) *central {
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
func await(t *testing.T, s *standin.StandIn) *central {
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
	require.ErrorIs(t, err, standin.ErrNotAllowed)
	assert.Equal(t, []string{"encrypt-authenticated-write"}, c.Flags(ble.ControlPointUUID))

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
		require.ErrorIs(t, err, standin.ErrNotAllowed)
	}
	require.ErrorIs(t, stranger.Write(t.Context(), ble.ControlPointUUID, []byte{0x81, 0, 0}), standin.ErrNotAllowed)
}

// The key is found by its service, once that is there.
func TestKeyIsAdvertised(t *testing.T) {
	t.Parallel()
	s, _ := serveKey(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	advert, err := s.Advertised(ctx, ble.ServiceUUID)
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{ble.ServiceUUID: {0x80}}, advert.ServiceData, "it can be paired with")
}

// nobody is a device that answers nothing.
type nobody struct{}

func (nobody) Exchange(context.Context, []byte) ([]byte, error) { return nil, context.Canceled }

func TestServingEnds(t *testing.T) {
	t.Parallel()
	s, err := standin.Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	a, err := bluez.Open(t.Context(), s.Address(), "")
	require.NoError(t, err)
	server, err := transport.NewBLEServer(nobody{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- a.ServeFIDO(ctx, server) }()
	require.NoError(t, s.Offered(t.Context(), ble.ServiceUUID))
	cancel()
	require.NoError(t, <-served)
	_, err = s.Connect(ble.ServiceUUID, 23, true)
	require.ErrorContains(t, err, "no program offers")

	go func() { served <- a.ServeFIDO(t.Context(), server) }()
	_, err = s.Advertised(t.Context(), ble.ServiceUUID)
	require.NoError(t, err)
	s.SetPowered(false)
	s.Stop()
	require.Error(t, <-served)
	require.ErrorContains(t, a.ServeFIDO(t.Context(), server), "closed")
}
