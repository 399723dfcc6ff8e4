package transport_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/webauthn"
)

const (
	ms      = time.Millisecond
	opening = "ffffffff8600080102030405060708"
)

// A host hears every 100 ms that its request is in processing, and at once when
// a touch is needed or was given (CTAP 2.3 §11.2.9.1.7).
func TestKeepalives(t *testing.T) {
	t.Parallel()
	user := new(authenticator.ScriptedUser)
	device := newKey(t, transport.Attend(delayed{user, 250 * ms}))
	serve(t, device, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		w.listen(0, 1)
		w.say(t, "00000001900001"+"0b") // authenticatorSelection
		assert.Equal(t, []heard{
			{0, "00000001bb000102"}, {100 * ms, "00000001bb000102"}, {200 * ms, "00000001bb000102"},
			{250 * ms, "00000001bb000101"}, {250 * ms, "0000000190000100"},
		}, w.listen(time.Second, 8))
	})
	serve(t, stuck, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		w.listen(0, 1)
		w.say(t, "0000000190000104")
		assert.Equal(t, []heard{{100 * ms, "00000001bb000101"}, {200 * ms, "00000001bb000101"}}, w.listen(250*ms, 8), "nobody is waited for")
		w.say(t, "00000001910000")
		assert.Equal(t, []heard{{0, "000000019000012d"}}, w.listen(time.Second, 8), "CANCEL")
	})
}

// newKey returns a security key.
func newKey(t *testing.T, user authenticator.User) *authenticator.Authenticator {
	t.Helper()
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: user, Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	return device
}

// delayed is a user who takes time.
type delayed struct {
	authenticator.User
	time.Duration
}

func (u delayed) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	select {
	case <-time.After(u.Duration):
		return u.User.Answer(ctx, p)
	case <-ctx.Done():
		return authenticator.Gesture{}, ctx.Err()
	}
}

func TestAttendWithoutATransport(t *testing.T) {
	t.Parallel()
	got, err := transport.Attend(new(authenticator.ScriptedUser)).Answer(t.Context(), authenticator.Prompt{})
	require.NoError(t, err)
	assert.True(t, got.Present)
}

// What a client leaves behind does not hold the others up.
func TestClientsThatVanish(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{
		"in the middle of a message": "00000001810100",
		"while the device works":     "0000000190000104",
		"while it has the lock":      "0000000184000105",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve(t, stuck, func(t *testing.T, s *transport.HIDServer) {
				gone, other := plug(t, s), plug(t, s)
				gone.say(t, opening)
				other.say(t, opening)
				other.listen(0, 1)
				gone.say(t, last)
				other.say(t, "00000002810000")
				assert.Equal(t, []heard{{0, "00000002bf000106"}}, other.listen(0, 8))
				require.NoError(t, gone.Close())
				gone.say(t, "00000001810000")
				other.say(t, "00000002810000")
				assert.Equal(t, []heard{{0, "0000000281000000"}}, other.listen(0, 8))
			})
		})
	}
}

// One who asks for channel after channel costs nobody else's.
func TestFloodOfInit(t *testing.T) {
	t.Parallel()
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		quiet, flood := plug(t, s), plug(t, s)
		quiet.say(t, opening)
		quiet.listen(0, 1)
		for range 2000 {
			flood.say(t, opening)
			flood.listen(0, 1)
		}
		quiet.say(t, "00000001810000")
		assert.Equal(t, []heard{{0, "0000000181000000"}}, quiet.listen(0, 8))
		for channel, answer := range map[int]string{2001: "81000000", 2001 - 15: "81000000", 2001 - 16: "bf00010b"} {
			flood.say(t, fmt.Sprintf("%08x810000", channel))
			assert.Equal(t, []heard{{0, fmt.Sprintf("%08x", channel) + answer}}, flood.listen(0, 8))
		}
	})
}

func TestChannelsOfOthers(t *testing.T) {
	t.Parallel()
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		one, two := plug(t, s), plug(t, s)
		one.say(t, opening)
		one.listen(0, 1)
		one.say(t, "00000001810100") // half a message
		two.say(t, "0000000100aabb")
		two.say(t, "00000001810000")
		assert.Equal(t, []heard{{0, "00000001bf00010b"}}, two.listen(0, 8))
		assert.Equal(t, []heard{{600 * ms, "00000001bf000105"}}, one.listen(time.Second, 8), "it times out, undisturbed, where it belongs")

		one.say(t, "00000001810100")
		synctest.Wait()
		two.say(t, opening)
		assert.Equal(t, []heard{{0, "ffffffffbf000106"}}, two.listen(0, 8), "what has no owner is for whoever asked")
	})
}

func TestTooManyClients(t *testing.T) {
	t.Parallel()
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		var last *wire
		for range 64 {
			last = plug(t, s)
		}
		_, err := s.Connect(func([]byte) {})
		require.ErrorIs(t, err, transport.ErrTooManyClients)
		last.port.Close()
		plug(t, s)
	})
}

func TestClosingEndsTheRequest(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	device := exchanger(func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		close(released)
		return nil, ctx.Err()
	})
	synctest.Test(t, func(t *testing.T) {
		s, err := transport.NewHIDServer(device)
		require.NoError(t, err)
		w := plug(t, s)
		w.say(t, opening)
		w.say(t, "0000000190000104")
		w.listen(0, 1)
		s.Close()
		select {
		case <-released:
		default:
			t.Error("Close did not wait for the device")
		}
		w.say(t, "00000001810000")
		w.port.Close()
		assert.Empty(t, w.listen(time.Second, 1), "nothing is sent any more")
	})
}

// gadget is a device that has all there is.
type gadget struct {
	exchanger
	winks int
}

func (g *gadget) Wink() { g.winks++ }

func (g *gadget) ExchangeAPDU(_ context.Context, command []byte) ([]byte, error) {
	return append(command, 0x90, 0x00), nil
}

// mute is a gadget that was not set up for U2F.
type mute struct{ gadget }

func (*mute) ExchangeAPDU(context.Context, []byte) ([]byte, error) { return []byte{0x6d, 0x00}, nil }

func TestWhatADeviceHasIsServed(t *testing.T) {
	t.Parallel()
	g := &gadget{exchanger: echo}
	serve(t, g, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		assert.Equal(t, "07", w.listen(0, 24)[0].report[46:], "WINK, LOCK, CBOR")
		w.say(t, "0000000188000000")
		w.say(t, "00000001830001aa")
		assert.Equal(t, []heard{{0, "00000001880000000000"}, {0, "00000001830003aa9000"}}, w.listen(0, 10))
		assert.Equal(t, 1, g.winks)
	})
	serve(t, &mute{gadget{exchanger: echo}}, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		assert.Equal(t, "0f", w.listen(0, 24)[0].report[46:], "WINK, LOCK, CBOR, no MSG")
	})
	old := exchanger(func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.InvalidCommand)}, nil })
	serve(t, &gadget{exchanger: old}, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		assert.Equal(t, "03", w.listen(0, 24)[0].report[46:], "WINK, LOCK, and no CBOR from before CTAP2")
	})
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		assert.Equal(t, "0e", w.listen(0, 24)[0].report[46:], "LOCK, CBOR, no MSG")
		w.say(t, "0000000188000000")
		w.say(t, "00000001830001aa")
		assert.Equal(t, []heard{{0, "00000001bf000101"}, {0, "00000001bf000101"}}, w.listen(0, 8))
	})
}

func TestDevicesThatFail(t *testing.T) {
	t.Parallel()
	device := exchanger(func(_ context.Context, request []byte) ([]byte, error) {
		if request[0] == 1 {
			return nil, errors.New("the cable is broken")
		}
		return make([]byte, 7610), nil
	})
	serve(t, device, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		w.listen(0, 1)
		w.say(t, "0000000190000101")
		assert.Equal(t, []heard{{0, "00000001bf00017f"}}, w.listen(0, 8))
		w.say(t, "0000000190000102")
		assert.Equal(t, []heard{{0, "00000001bf00017f"}}, w.listen(0, 8))
	})
}

// The transport is USB to the device, wherever the reports come from.
func TestRequestsComeOverUSB(t *testing.T) {
	t.Parallel()
	model := authenticator.SecurityKey()
	model.Transports = []string{webauthn.TransportNFC, webauthn.TransportUSB}
	model.TransportsForReset = []string{webauthn.TransportUSB}
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	_, err = ctap.Call(t.Context(), device, &ctap.ResetRequest{})
	require.Error(t, err, "by itself it takes the first of its transports")
	serve(t, device, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		w.say(t, opening)
		w.listen(0, 1)
		w.say(t, "0000000190000107")
		assert.Equal(t, []heard{{0, "0000000190000100"}}, w.listen(0, 8))
	})
}

// cycled is a device that counts how often its power was cycled.
type cycled struct {
	exchanger
	times int
}

func (c *cycled) PowerCycle() { c.times++ }

// Channels, the lock and what is under way go with the power; clients stay.
func TestPowerCycle(t *testing.T) {
	t.Parallel()
	device := &cycled{exchanger: stuck}
	serve(t, device, func(t *testing.T, s *transport.HIDServer) {
		one, two := plug(t, s), plug(t, s)
		one.say(t, opening)
		two.say(t, opening)
		one.say(t, "00000001840001"+"0a") // LOCK
		one.say(t, "0000000190000104")
		one.listen(0, 1)
		two.listen(0, 1)
		s.PowerCycle()
		assert.Equal(t, 2, device.times, "when it goes and when it comes")
		assert.Empty(t, one.listen(time.Second, 8), "what was under way is not answered")
		one.say(t, "00000001810000")
		assert.Equal(t, []heard{{0, "00000001bf00010b"}}, one.listen(0, 8), "the channel is gone")
		two.say(t, opening)
		assert.Equal(t, []heard{{0, "ffffffff860011" + "0102030405060708" + "00000003"}}, two.listen(0, 19))
		two.say(t, "00000003810000")
		assert.Equal(t, []heard{{0, "0000000381000000"}}, two.listen(0, 8), "the lock is gone")

		s.PowerOff()
		two.say(t, opening)
		assert.Empty(t, two.listen(time.Second, 8), "without power it answers nothing")
		s.PowerOn()
		two.say(t, opening)
		assert.Len(t, two.listen(0, 8), 1)
	})
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) { s.PowerCycle() }) // has no power to lose
}
