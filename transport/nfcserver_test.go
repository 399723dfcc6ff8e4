package transport_test

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A reader that says so hears every 100 ms that its request is in processing, and
// at once when a touch is needed (CTAP 2.3 §11.3.7).
func TestCardIsAskedAgain(t *testing.T) {
	t.Parallel()
	device := newKey(t, transport.Attend(delayed{new(authenticator.ScriptedUser), 250 * ms}))
	present(t, device, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		apdus{
			{selecting, 0, chosen},
			{choosing, 0, "029100"}, {polling, 100 * ms, "029100"}, {polling, 100 * ms, "029100"}, {polling, 50 * ms, "009000"},
			{"80100000010b00", 250 * ms, "009000"}, // one that holds on
			{"0003000000", 0, chosen},
		}.play(t, s)
	})
	present(t, stuck, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		apdus{
			{selecting, 0, "4649444f5f325f309000"},
			{choosing, 100 * ms, "019100"}, {polling, 100 * ms, "019100"}, {"8011110000", 0, "2d9000"},
			{"0003000000", 0, "6d00"},
		}.play(t, s)
	})
}

func TestCardsThatFail(t *testing.T) {
	t.Parallel()
	broken := exchanger(func(context.Context, []byte) ([]byte, error) { return nil, errors.New("the chip is cracked") })
	present(t, broken, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		apdus{{selecting, 0, "4649444f5f325f309000"}, {choosing, 0, "6f00"}}.play(t, s)
	})
}

// Out of the field there is nobody, and what was begun there is over.
func TestCardIsTakenAway(t *testing.T) {
	t.Parallel()
	present(t, stuck, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		apdus{{selecting, 0, "4649444f5f325f309000"}}.play(t, s)
		failed := make(chan error)
		go func() {
			_, err := s.Transmit(t.Context(), []byte{0x80, 0x10, 0, 0, 1, 4, 0})
			failed <- err
		}()
		synctest.Wait()
		_, err := s.Transmit(t.Context(), []byte{0x80})
		require.ErrorContains(t, err, "at another command")
		s.FieldOff()
		require.ErrorIs(t, <-failed, transport.ErrNoField)
		_, err = s.Transmit(t.Context(), []byte{0x80})
		require.ErrorIs(t, err, transport.ErrNoField)
		s.FieldOn()
		apdus{{choosing, 0, "6985"}, {selecting, 0, "4649444f5f325f309000"}}.play(t, s)
		s.Close()
		_, err = s.Transmit(t.Context(), []byte{0x80})
		require.ErrorIs(t, err, transport.ErrNoField)
	})
}

// A reader that gives up takes a request back that it cannot ask after.
func TestReaderThatLeaves(t *testing.T) {
	t.Parallel()
	released := 0
	device := exchanger(func(ctx context.Context, request []byte) ([]byte, error) {
		<-ctx.Done()
		released++
		return request, nil
	})
	present(t, device, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		apdus{{selecting, 0, "4649444f5f325f309000"}}.play(t, s)
		// The last stays under way, and would be ended by another.
		for _, c := range []struct {
			command string
			want    int
		}{{"80100000010400", 1}, {"80108000010400", 0}} {
			released = 0
			ctx, cancel := context.WithTimeout(t.Context(), 10*ms)
			raw, _ := hex.DecodeString(c.command)
			_, err := s.Transmit(ctx, raw)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			synctest.Wait()
			assert.Equal(t, c.want, released, c.command)
			cancel()
		}
	})
}

// Without power a device forgets, unless it has power of its own.
func TestPowerGoesWithTheField(t *testing.T) {
	t.Parallel()
	for _, powered := range []bool{false, true} {
		device := newKey(t, transport.Attend(new(authenticator.ScriptedUser)))
		present(t, device, transport.NFCServerConfig{Powered: powered}, func(t *testing.T, s *transport.NFCServer) {
			device.PowerCycle()            // at the time of the bubble
			<-time.After(11 * time.Second) // too late for a reset
			s.FieldOn()
			want := map[bool]string{false: "009000", true: "309000"}[powered]
			apdus{{selecting, 0, chosen}, {"80100000010700", 0, want}}.play(t, s)
		})
	}
}

// The request comes over NFC, which the device knows by its time limits (CTAP 2.3
// §6.5.2.1) and by where it may be reset.
func TestRequestsComeOverNFC(t *testing.T) {
	t.Parallel()
	model := authenticator.SecurityKey()
	model.TransportsForReset = []string{webauthn.TransportUSB}
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	present(t, device, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		c := openNFC(t, s, nfc.ReaderConfig{})
		info, err := ctap.Call(t.Context(), c, &ctap.GetInfoRequest{})
		require.NoError(t, err)
		assert.Contains(t, info.Transports, webauthn.TransportNFC)
		_, err = ctap.Call(t.Context(), c, &ctap.ResetRequest{})
		require.ErrorIs(t, err, ctap.OperationDenied)
	})
}

// A device without a button takes being held to the reader for a touch, once and
// not for long (CTAP 2.3 §5).
func TestTap(t *testing.T) {
	t.Parallel()
	user := new(authenticator.ScriptedUser)
	user.Always(authenticator.Decline)
	device := newKey(t, transport.Tap(user))
	present(t, device, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		apdus{{selecting, 0, chosen}, {choosing, 0, "009000"}, {choosing, 0, "2f9000"}}.play(t, s)
		s.FieldOn()
		<-time.After(119 * time.Second)
		apdus{{selecting, 0, chosen}, {choosing, 0, "009000"}}.play(t, s)
		s.FieldOn()
		<-time.After(120 * time.Second)
		apdus{{selecting, 0, chosen}, {choosing, 0, "2f9000"}}.play(t, s)
		assert.Empty(t, user.Asked())
		_, err := ctap.Call(t.Context(), device, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, ctap.OperationDenied, "by another way the user is asked")
	})
}

func TestTapDoesNotVerify(t *testing.T) {
	t.Parallel()
	user := new(authenticator.ScriptedUser)
	device := newKey(t, transport.Tap(user))
	present(t, device, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		c := openNFC(t, s, nfc.ReaderConfig{})
		made, err := ctap.Call(t.Context(), c, &ctap.MakeCredentialRequest{
			ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
			PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
			Options:          &ctap.Options{UV: new(true)},
		})
		require.NoError(t, err)
		assert.NotZero(t, made.AuthData[32]&byte(webauthn.UserVerified))
		require.Len(t, user.Asked(), 1)
		assert.True(t, user.Asked()[0].Verify)
	})
}
