package transport_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
)

func TestRequestsPassThrough(t *testing.T) {
	t.Parallel()
	serve(t, &gadget{exchanger: echo}, func(t *testing.T, s *transport.HIDServer) {
		c := open(t, s)
		assert.Equal(t, hid.CanCBOR|hid.CanLock|hid.CanWink, c.Info().Capabilities)
		for _, n := range []int{1, 57, 58, 7609} {
			answer, err := c.Exchange(t.Context(), make([]byte, n))
			require.NoError(t, err)
			assert.Equal(t, make([]byte, n), answer)
			answer, err = c.Ping(t.Context(), make([]byte, n))
			require.NoError(t, err)
			assert.Equal(t, make([]byte, n), answer)
		}
		answer, err := c.ExchangeAPDU(t.Context(), []byte{1, 2})
		require.NoError(t, err)
		assert.Equal(t, []byte{1, 2, 0x90, 0}, answer)
		require.NoError(t, c.Wink(t.Context()))
		require.NoError(t, c.Lock(t.Context(), 1))
		require.ErrorIs(t, c.Lock(t.Context(), 11), hid.InvalidParameter)
		_, err = c.Exchange(t.Context(), make([]byte, 7610))
		require.Error(t, err)
	})
}

func TestAnAuthenticatorBehindAClient(t *testing.T) {
	t.Parallel()
	device := newKey(t, new(authenticator.ScriptedUser))
	serve(t, device, func(t *testing.T, s *transport.HIDServer) {
		direct, err := ctap.Call(t.Context(), device, &ctap.GetInfoRequest{})
		require.NoError(t, err)
		info, err := ctap.Call(t.Context(), open(t, s), &ctap.GetInfoRequest{})
		require.NoError(t, err)
		direct.EncIdentifier, info.EncIdentifier = nil, nil // fresh each time
		direct.EncCredStoreState, info.EncCredStoreState = nil, nil
		assert.Equal(t, direct, info)
		version, err := u2f.Call(t.Context(), open(t, s), &u2f.VersionRequest{})
		require.NoError(t, err)
		assert.Equal(t, u2f.V2, version.Version)
	})
}

// A context that ends cancels the request (CTAP 2.3 §11.2.9.1.5).
func TestCancelling(t *testing.T) {
	t.Parallel()
	user := new(authenticator.ScriptedUser)
	user.Then(authenticator.Ignore)
	serve(t, newKey(t, user), func(t *testing.T, s *transport.HIDServer) {
		c := open(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		_, err := ctap.Call(ctx, c, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, ctap.KeepaliveCancel)
		assert.Equal(t, 20*time.Second, time.Since(start), "keepalives are no reason to give up")
		_, err = ctap.Call(t.Context(), c, &ctap.SelectionRequest{})
		require.NoError(t, err)
	})
}

// A device that goes on all the same is left alone after a while.
func TestCancellingInVain(t *testing.T) {
	t.Parallel()
	var deaf chan struct{} // is made in the bubble
	serve(t, exchanger(func(_ context.Context, request []byte) ([]byte, error) {
		if request[0] == 1 {
			<-deaf
		}
		return request, nil
	}), func(t *testing.T, s *transport.HIDServer) {
		deaf = make(chan struct{})
		defer close(deaf)
		c := open(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Exchange(ctx, []byte{1})
		require.ErrorIs(t, err, ctx.Err())
		assert.Equal(t, 4*time.Second, time.Since(start))
		answer, err := c.Exchange(t.Context(), []byte{2})
		require.NoError(t, err)
		assert.Equal(t, []byte{2}, answer, "the channel was synchronised")
		_, err = c.Exchange(ctx, []byte{2})
		require.ErrorIs(t, err, context.DeadlineExceeded, "nothing is sent once it is over")
	})
}

// MSG cannot be cancelled: the answer is not waited for.
func TestLeavingMsgUnanswered(t *testing.T) {
	t.Parallel()
	serve(t, &slowAPDUs{exchanger: echo}, func(t *testing.T, s *transport.HIDServer) {
		c := open(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.ExchangeAPDU(ctx, []byte{1})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		answer, err := c.Ping(t.Context(), []byte{2})
		require.NoError(t, err)
		assert.Equal(t, []byte{2}, answer)
	})
}

type slowAPDUs struct{ exchanger }

func (*slowAPDUs) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) > 1 {
		return []byte{'U', 0x90, 0x00}, nil // the version
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestBusyDevicesAreAskedAgain(t *testing.T) {
	t.Parallel()
	serve(t, exchanger(func(ctx context.Context, request []byte) ([]byte, error) {
		select {
		case <-time.After(time.Duration(request[0]) * time.Second):
			return request, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}), func(t *testing.T, s *transport.HIDServer) {
		one, two := open(t, s), open(t, s)
		busyFor := func(seconds byte) {
			go func() { _, _ = one.Exchange(t.Context(), []byte{seconds}) }()
			synctest.Wait()
		}
		busyFor(60)
		start := time.Now()
		_, err := two.Exchange(t.Context(), []byte{0})
		require.ErrorIs(t, err, hid.ChannelBusy)
		assert.Equal(t, 900*time.Millisecond, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		defer cancel()
		_, err = two.Exchange(ctx, []byte{0})
		require.ErrorIs(t, err, context.DeadlineExceeded)

		<-time.After(58*time.Second + 500*time.Millisecond)
		answer, err := two.Exchange(t.Context(), []byte{0})
		require.NoError(t, err)
		assert.Equal(t, []byte{0}, answer)
	})
}

// A channel is opened once and serves as long as all goes well.
func TestOneChannelServesAllRequests(t *testing.T) {
	t.Parallel()
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		c, err := transport.OpenHID(t.Context(), w, rand.Reader)
		require.NoError(t, err)
		defer c.Close()
		for range 3 {
			_, err := c.Ping(t.Context(), nil)
			require.NoError(t, err)
		}
		require.ErrorIs(t, c.Wink(t.Context()), hid.InvalidCommand)
		_, err = c.Ping(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, 1+5, w.sent)
	})
}

// A device that was plugged in anew knows the channel no more.
func TestChannelIsOpenedAgain(t *testing.T) {
	t.Parallel()
	serve(t, echo, func(t *testing.T, s *transport.HIDServer) {
		w := plug(t, s)
		c, err := transport.OpenHID(t.Context(), w, rand.Reader)
		require.NoError(t, err)
		defer c.Close()
		w.port.Close()
		w.port, err = s.Connect(func(report []byte) { w.in <- report })
		require.NoError(t, err)
		answer, err := c.Exchange(t.Context(), []byte{7})
		require.NoError(t, err)
		assert.Equal(t, []byte{7}, answer)
	})
}

// scripted is a link to no device.
type scripted struct {
	receive chan []byte
	send    error
}

func (l *scripted) Send([]byte) error { return l.send }
func (l *scripted) Close() error      { return nil }

func (l *scripted) Receive() ([]byte, error) {
	report, ok := <-l.receive
	if !ok {
		return nil, errors.New("unplugged")
	}
	return report, nil
}

func TestLinksThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := &scripted{receive: make(chan []byte)}
		start := time.Now()
		_, err := transport.OpenHID(t.Context(), silent, rand.Reader)
		require.ErrorIs(t, err, transport.ErrSilent)
		assert.Equal(t, 3*time.Second, time.Since(start))
		close(silent.receive)

		ended := make(chan []byte)
		close(ended)
		_, err = transport.OpenHID(t.Context(), &scripted{receive: ended}, rand.Reader)
		require.ErrorContains(t, err, "unplugged")

		full := &scripted{receive: make(chan []byte), send: errors.New("the buffer is full")}
		_, err = transport.OpenHID(t.Context(), full, rand.Reader)
		require.ErrorContains(t, err, "the buffer is full")
		close(full.receive)

		dull := &scripted{receive: make(chan []byte)}
		_, err = transport.OpenHID(t.Context(), dull, io.LimitReader(rand.Reader, 7))
		require.ErrorContains(t, err, "nonce")
		close(dull.receive)
	})
}

// Closing ends what is under way.
func TestClosingAClient(t *testing.T) {
	t.Parallel()
	serve(t, stuck, func(t *testing.T, s *transport.HIDServer) {
		c := open(t, s)
		failed := make(chan error)
		go func() {
			_, err := c.Exchange(t.Context(), []byte{1})
			failed <- err
		}()
		synctest.Wait()
		waiting, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Exchange(waiting, []byte{1})
		require.ErrorIs(t, err, context.DeadlineExceeded, "others wait for their turn")
		require.NoError(t, c.Close())
		assert.ErrorContains(t, <-failed, "closed")
	})
}
