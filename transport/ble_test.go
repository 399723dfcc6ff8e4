package transport_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
)

// radio is a connection to a server in the same process.
type radio struct {
	port   *transport.BLEPort
	heard  chan []byte
	closed chan struct{}
}

func pair(t *testing.T, s *transport.BLEServer) *radio {
	t.Helper()
	r := &radio{heard: make(chan []byte, 5000), closed: make(chan struct{})}
	port, err := s.Connect(func(fragment []byte) { r.heard <- fragment })
	require.NoError(t, err)
	port.SetMTU(185)
	r.port = port
	return r
}

func (r *radio) Read(_ context.Context, characteristic string) ([]byte, error) {
	switch characteristic {
	case ble.ControlPointLengthUUID:
		return r.port.ReadControlPointLength(), nil
	case ble.RevisionBitfieldUUID:
		return r.port.ReadRevisions(), nil
	}
	return nil, fmt.Errorf("%s cannot be read", characteristic)
}

func (r *radio) Write(_ context.Context, characteristic string, value []byte) error {
	switch characteristic {
	case ble.ControlPointUUID:
		r.port.Write(value)
		return nil
	case ble.RevisionBitfieldUUID:
		return r.port.WriteRevision(value)
	}
	return fmt.Errorf("%s cannot be written", characteristic)
}

func (r *radio) Subscribe(_ context.Context, _ string, notified func([]byte)) error {
	go func() {
		for {
			select {
			case value := <-r.heard:
				notified(value)
			case <-r.closed:
				return
			}
		}
	}()
	return nil
}

func (r *radio) Close() error {
	r.port.Close()
	close(r.closed)
	return nil
}

// say writes to the control point.
func (r *radio) say(t *testing.T, fragment string) {
	t.Helper()
	raw, err := hex.DecodeString(fragment)
	require.NoError(t, err)
	r.port.Write(raw)
}

// listen returns what is notified in a time.
func (r *radio) listen(d time.Duration) (all []heard) {
	start := time.Now()
	for {
		synctest.Wait()
		for len(r.heard) > 0 {
			all = append(all, heard{time.Since(start), hex.EncodeToString(<-r.heard)})
		}
		if time.Since(start) >= d {
			return all
		}
		<-time.After(ms)
	}
}

// serveBLE runs a test at a device behind the FIDO service.
func serveBLE(t *testing.T, device ctap.Transport, test func(*testing.T, *transport.BLEServer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, err := transport.NewBLEServer(device)
		require.NoError(t, err)
		defer server.Close()
		test(t, server)
	})
}

func openBLE(t *testing.T, s *transport.BLEServer, revisions ble.Revision) *transport.BLEClient {
	t.Helper()
	c, err := transport.OpenBLE(t.Context(), pair(t, s), revisions)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func TestBLERequestsPassThrough(t *testing.T) {
	t.Parallel()
	serveBLE(t, &gadget{exchanger: echo}, func(t *testing.T, s *transport.BLEServer) {
		c := openBLE(t, s, 0)
		assert.Equal(t, ble.FIDO2, c.Revision())
		for _, n := range []int{1, 509, 510, 7609, ble.MaxMessage} {
			answer, err := c.Exchange(t.Context(), make([]byte, n))
			require.NoError(t, err)
			assert.Equal(t, make([]byte, n), answer)
		}
		answer, err := c.Ping(t.Context(), []byte("hello"))
		require.NoError(t, err)
		assert.Equal(t, "hello", string(answer))
		_, err = c.ExchangeAPDU(t.Context(), []byte{1})
		require.ErrorIs(t, err, ble.ErrRevision)
		_, err = c.Exchange(t.Context(), make([]byte, ble.MaxMessage+1))
		require.Error(t, err)

		old := openBLE(t, s, ble.U2F11|ble.U2F12)
		assert.Equal(t, ble.U2F12, old.Revision())
		answer, err = old.ExchangeAPDU(t.Context(), []byte{1, 2})
		require.NoError(t, err)
		assert.Equal(t, []byte{1, 2, 0x90, 0}, answer)
		_, err = old.Exchange(t.Context(), []byte{4})
		require.ErrorIs(t, err, ble.ErrRevision)
	})
}

func TestAnAuthenticatorOverBLE(t *testing.T) {
	t.Parallel()
	device := newKey(t, new(authenticator.ScriptedUser))
	serveBLE(t, device, func(t *testing.T, s *transport.BLEServer) {
		direct, err := ctap.Call(t.Context(), device, &ctap.GetInfoRequest{})
		require.NoError(t, err)
		info, err := ctap.Call(t.Context(), openBLE(t, s, 0), &ctap.GetInfoRequest{})
		require.NoError(t, err)
		assert.Equal(t, direct.AAGUID, info.AAGUID)
		version, err := u2f.Call(t.Context(), openBLE(t, s, ble.U2F12), &u2f.VersionRequest{})
		require.NoError(t, err)
		assert.Equal(t, u2f.V2, version.Version)
	})
}

// A client hears every 500 ms that its request is in processing, and at once when a
// touch is needed or was given.
func TestBLEKeepalives(t *testing.T) {
	t.Parallel()
	device := newKey(t, transport.Attend(delayed{new(authenticator.ScriptedUser), 1200 * ms}))
	serveBLE(t, device, func(t *testing.T, s *transport.BLEServer) {
		r := pair(t, s)
		r.say(t, "8300010b") // authenticatorSelection
		assert.Equal(t, []heard{
			{0, "82000102"}, {500 * ms, "82000102"}, {1000 * ms, "82000102"}, {1200 * ms, "82000101"}, {1200 * ms, "83000100"},
		}, r.listen(2*time.Second))
	})
	serveBLE(t, stuck, func(t *testing.T, s *transport.BLEServer) {
		r := pair(t, s)
		r.say(t, "83000104")
		assert.Equal(t, []heard{{500 * ms, "82000101"}}, r.listen(999*ms))
		r.say(t, "be0000")
		assert.Equal(t, []heard{{0, "8300012d"}}, r.listen(time.Second))
		r.say(t, "83000404")
		assert.Equal(t, []heard{{1500 * ms, "bf000105"}}, r.listen(2*time.Second), "the rest did not come")
	})
}

func TestBLECancelling(t *testing.T) {
	t.Parallel()
	user := new(authenticator.ScriptedUser)
	user.Then(authenticator.Ignore)
	serveBLE(t, newKey(t, user), func(t *testing.T, s *transport.BLEServer) {
		c := openBLE(t, s, 0)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		_, err := ctap.Call(ctx, c, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, ctap.KeepaliveCancel)
		assert.Equal(t, 20*time.Second, time.Since(start), "keepalives are no reason to give up")
		_, err = ctap.Call(ctx, c, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, context.DeadlineExceeded, "nothing is sent once it is over")
		_, err = ctap.Call(t.Context(), c, &ctap.SelectionRequest{})
		require.NoError(t, err)
	})
}

// After a request whose end was not heard, no answer could be told from another.
func TestBLEConnectionsAreGivenUp(t *testing.T) {
	t.Parallel()
	var deaf chan struct{} // is made in the bubble
	serveBLE(t, exchanger(func(_ context.Context, request []byte) ([]byte, error) {
		<-deaf
		return request, nil
	}), func(t *testing.T, s *transport.BLEServer) {
		deaf = make(chan struct{})
		defer close(deaf)
		c := openBLE(t, s, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Exchange(ctx, []byte{1})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 4*time.Second, time.Since(start))
		_, err = c.Exchange(t.Context(), []byte{2})
		require.ErrorContains(t, err, "given up")
	})
}

func TestBLEServesOneAtATime(t *testing.T) {
	t.Parallel()
	serveBLE(t, exchanger(func(ctx context.Context, request []byte) ([]byte, error) {
		select {
		case <-time.After(time.Duration(request[0]) * time.Second):
			return request, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}), func(t *testing.T, s *transport.BLEServer) {
		one, two := openBLE(t, s, 0), openBLE(t, s, 0)
		served := make(chan error)
		go func() {
			_, err := one.Exchange(t.Context(), []byte{5})
			served <- err
		}()
		synctest.Wait()
		start := time.Now()
		_, err := two.Exchange(t.Context(), []byte{0})
		require.NoError(t, err)
		assert.Equal(t, 6*time.Second, time.Since(start), "asked again every 2 s")
		require.NoError(t, <-served)

		go func() { _, _ = one.Exchange(t.Context(), []byte{60}) }()
		synctest.Wait()
		_, err = two.Exchange(t.Context(), []byte{0})
		require.ErrorIs(t, err, ble.Busy)
		require.NoError(t, one.Close(), "whoever leaves ends its request")
		synctest.Wait()
		_, err = two.Exchange(t.Context(), []byte{0})
		require.NoError(t, err)
	})
}

func TestBLEDevicesThatFail(t *testing.T) {
	t.Parallel()
	serveBLE(t, exchanger(func(context.Context, []byte) ([]byte, error) {
		return nil, errors.New("the battery is empty")
	}), func(t *testing.T, s *transport.BLEServer) {
		_, err := openBLE(t, s, 0).Exchange(t.Context(), []byte{4})
		require.ErrorIs(t, err, ble.Other)
		_, err = transport.OpenBLE(t.Context(), pair(t, s), ble.U2F12)
		require.ErrorIs(t, err, ble.ErrRevision, "it has no U2F")
		for range 63 {
			pair(t, s)
		}
		_, err = s.Connect(func([]byte) {})
		require.ErrorIs(t, err, transport.ErrTooManyClients)
	})
}

// deadAir is a connection to no device.
type deadAir struct {
	radio
	length, revisions []byte
	fails             error
}

func (d *deadAir) Read(_ context.Context, characteristic string) ([]byte, error) {
	if characteristic == ble.ControlPointLengthUUID {
		return d.length, d.fails
	}
	return d.revisions, d.fails
}

func (d *deadAir) Write(context.Context, string, []byte) error { return d.fails }
func (d *deadAir) Close() error                                { close(d.closed); return nil }

func TestBLEConnectionsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dead := func(length, revisions []byte) *deadAir {
			return &deadAir{radio{heard: make(chan []byte), closed: make(chan struct{})}, length, revisions, nil}
		}
		good := []byte{0, 64}
		_, err := transport.OpenBLE(t.Context(), dead([]byte{0, 1}, []byte{0x20}), 0)
		require.ErrorIs(t, err, ble.ErrProtocol)
		_, err = transport.OpenBLE(t.Context(), dead(good, nil), 0)
		require.ErrorIs(t, err, ble.ErrProtocol)
		_, err = transport.OpenBLE(t.Context(), dead(good, []byte{0x01}), 0)
		require.ErrorIs(t, err, ble.ErrRevision)
		broken := dead(good, []byte{0x20})
		broken.fails = errors.New("out of reach")
		_, err = transport.OpenBLE(t.Context(), broken, 0)
		require.ErrorContains(t, err, "out of reach")

		silent, err := transport.OpenBLE(t.Context(), dead(good, []byte{0x20}), 0)
		require.NoError(t, err)
		start := time.Now()
		_, err = silent.Exchange(t.Context(), []byte{4})
		require.ErrorIs(t, err, transport.ErrSilent)
		assert.Equal(t, 3*time.Second, time.Since(start))
		require.NoError(t, silent.Close())
		require.NoError(t, silent.Close())
	})
}

func TestClosingABLEServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := transport.NewBLEServer(stuck)
		require.NoError(t, err)
		r := pair(t, s)
		r.say(t, "83000104")
		synctest.Wait()
		s.Close()
		r.say(t, "810000")
		assert.Empty(t, r.listen(time.Minute))
	})
}

// old is a device that speaks U2F alone.
type old struct{ exchanger }

func (old) ExchangeAPDU(context.Context, []byte) ([]byte, error) {
	return u2f.EncodeResponse(&u2f.VersionResponse{Version: u2f.V2}, nil), nil
}

// A device that speaks U2F alone does not say that it speaks FIDO2.
func TestBLEOfU2FAlone(t *testing.T) {
	t.Parallel()
	device := old{func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.InvalidCommand)}, nil }}
	serveBLE(t, device, func(t *testing.T, s *transport.BLEServer) {
		assert.Equal(t, ble.U2F12, openBLE(t, s, 0).Revision())
	})
}
