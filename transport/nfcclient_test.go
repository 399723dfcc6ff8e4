package transport_test

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
)

var forms = map[string]nfc.ReaderConfig{
	"short": {}, "extended": {Extended: true}, "held": {Hold: true},
}

func TestAnAuthenticatorBehindAReader(t *testing.T) {
	t.Parallel()
	for name, form := range forms {
		device := newKey(t, transport.Attend(new(authenticator.ScriptedUser)))
		present(t, device, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
			direct, err := ctap.Call(t.Context(), device, &ctap.GetInfoRequest{})
			require.NoError(t, err)
			c := openNFC(t, s, form)
			assert.True(t, c.HasCTAP2())
			info, err := ctap.Call(t.Context(), c, &ctap.GetInfoRequest{})
			require.NoError(t, err)
			direct.EncIdentifier, info.EncIdentifier = nil, nil // fresh each time
			direct.EncCredStoreState, info.EncCredStoreState = nil, nil
			assert.Equal(t, direct, info, name)
			version, err := u2f.Call(t.Context(), c, &u2f.VersionRequest{})
			require.NoError(t, err)
			assert.Equal(t, u2f.V2, version.Version)
			_, err = ctap.Call(t.Context(), c, &ctap.SelectionRequest{})
			require.NoError(t, err)
		})
	}
}

func TestMessagesOfAnyLength(t *testing.T) {
	t.Parallel()
	for name, form := range forms {
		present(t, echo, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
			c := openNFC(t, s, form)
			for _, n := range []int{1, 255, 256, 257, 512, 7609} {
				answer, err := c.Exchange(t.Context(), make([]byte, n))
				require.NoError(t, err, name)
				assert.Equal(t, make([]byte, n), answer)
			}
			answer, err := c.Exchange(t.Context(), make([]byte, 7610))
			require.NoError(t, err)
			assert.Equal(t, []byte{byte(ctap.RequestTooLarge)}, answer)
		})
	}
}

// A context that ends cancels the request (CTAP 2.3 §11.3.7.2).
func TestCancellingOverNFC(t *testing.T) {
	t.Parallel()
	user := new(authenticator.ScriptedUser)
	user.Then(authenticator.Ignore, authenticator.Ignore)
	present(t, newKey(t, transport.Attend(user)), transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		c := openNFC(t, s, nfc.ReaderConfig{})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		_, err := ctap.Call(ctx, c, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, ctap.KeepaliveCancel)
		assert.InDelta(t, 20*time.Second, time.Since(start), float64(200*ms))

		held := openNFC(t, s, nfc.ReaderConfig{Hold: true})
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = ctap.Call(ctx, held, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, context.DeadlineExceeded, "a card that holds on cannot be told")
		assert.Equal(t, 4*time.Second, time.Since(start))
		_, err = ctap.Call(ctx, held, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, context.DeadlineExceeded, "nothing is sent once it is over")
		_, err = ctap.Call(t.Context(), held, &ctap.SelectionRequest{})
		require.NoError(t, err, "the applet was selected anew")
	})
}

// A card that has U2F alone says so only when it is asked.
func TestCardWithU2FAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old := cardFunc(func(_ context.Context, command []byte) ([]byte, error) {
			if command[1] == 0xA4 || command[1] == 0x03 {
				return append([]byte(u2f.V2), 0x90, 0), nil
			}
			return []byte{0x6D, 0x00}, nil
		})
		c := openNFC(t, old, nfc.ReaderConfig{})
		assert.False(t, c.HasCTAP2())
		_, err := c.Exchange(t.Context(), []byte{4})
		require.ErrorIs(t, err, transport.ErrU2FAlone)
		_, err = u2f.Call(t.Context(), c, &u2f.VersionRequest{})
		require.NoError(t, err)
	})
}

// brokenCard selects and then goes its own way.
func brokenCard(answer func(ctx context.Context) ([]byte, error)) cardFunc {
	return func(ctx context.Context, command []byte) ([]byte, error) {
		if command[1] == 0xA4 {
			return append([]byte("FIDO_2_0"), 0x90, 0), nil
		}
		return answer(ctx)
	}
}

// Nothing that a card does keeps a client for ever.
func TestCardsThatMisbehave(t *testing.T) {
	t.Parallel()
	always := func(response ...byte) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return response, nil }
	}
	for name, c := range map[string]struct {
		answer func(context.Context) ([]byte, error)
		within time.Duration
		want   error
	}{
		"never answers": {func(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() }, time.Minute, transport.ErrSilent},
		"breaks off":    {func(context.Context) ([]byte, error) { return nil, io.ErrUnexpectedEOF }, 0, io.ErrUnexpectedEOF},
		"says nothing":  {always(), 0, nfc.ErrProtocol},
		"6100":          {always(0x61, 0x00), 0, nfc.ErrProtocol},
		"6100, bytes":   {always(append(make([]byte, 256), 0x61, 0x00)...), 0, nfc.ErrProtocol},
		"6C00":          {always(0x6C, 0x00), 0, nfc.Status(0x6C00)},
		"9100":          {always(1, 0x91, 0x00), 5 * time.Minute, nfc.ErrProtocol},
		"oversize":      {always(make([]byte, 9000)...), 0, nfc.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := openNFC(t, brokenCard(c.answer), nfc.ReaderConfig{})
				start := time.Now()
				_, err := client.Exchange(t.Context(), []byte{4})
				require.ErrorIs(t, err, c.want)
				assert.Equal(t, c.within, time.Since(start))
			})
		})
	}
}

// A card that pays no heed to a cancellation is left alone after a while.
func TestCancellingACardInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		client := openNFC(t, brokenCard(func(ctx context.Context) ([]byte, error) {
			asked.Add(1)
			return []byte{1, 0x91, 0x00}, ctx.Err()
		}), nfc.ReaderConfig{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := client.Exchange(ctx, []byte{4})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 4*time.Second, time.Since(start))
		assert.InDelta(t, 42, asked.Load(), 2)
	})
}

// closable is a card that notes when it is closed.
type closable struct {
	cardFunc
	closed int
}

func (c *closable) Close() error {
	c.closed++
	return errors.New("the contact is bent")
}

func TestOpeningWhatIsNoFIDOCard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bank := &closable{cardFunc: func(context.Context, []byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil }}
		_, err := transport.OpenNFC(t.Context(), bank, nfc.ReaderConfig{})
		require.ErrorIs(t, err, nfc.ApplicationNotFound)
		require.ErrorContains(t, err, "the contact is bent")
		assert.Equal(t, 1, bank.closed)
		_, err = transport.OpenNFC(t.Context(), bank, nfc.ReaderConfig{Fragment: 300})
		require.ErrorContains(t, err, "Fragment")
	})
}

func TestClosingANFCClient(t *testing.T) {
	t.Parallel()
	present(t, stuck, transport.NFCServerConfig{}, func(t *testing.T, s *transport.NFCServer) {
		card := &closable{cardFunc: s.Transmit}
		c, err := transport.OpenNFC(t.Context(), card, nfc.ReaderConfig{})
		require.NoError(t, err)
		answers := make(chan []byte)
		go func() {
			answer, _ := c.Exchange(t.Context(), []byte{1})
			answers <- answer
		}()
		synctest.Wait()
		waiting, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Exchange(waiting, []byte{1})
		require.ErrorIs(t, err, context.DeadlineExceeded, "others wait for their turn")
		go func() { _ = c.Close() }()
		assert.Equal(t, []byte{byte(ctap.KeepaliveCancel)}, <-answers)
		synctest.Wait()
		assert.Equal(t, 1, card.closed)
		require.NoError(t, c.Close(), "again")
		assert.Equal(t, 1, card.closed)
		_, err = c.Exchange(t.Context(), []byte{1})
		require.ErrorContains(t, err, "closed")
		apdus{{choosing, 0, "6985"}}.play(t, s) // it told the applet that this was all
	})
}
