package socket_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/socket"
)

func TestSeveralClients(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		var clients sync.WaitGroup
		for range 4 {
			c := s.dial(t)
			clients.Go(func() {
				for range 3 {
					info, err := ctap.Call(bounded(t), c, &ctap.GetInfoRequest{})
					if assert.NoError(t, err) {
						assert.Contains(t, info.Versions, ctap.VersionFIDO23)
					}
				}
			})
		}
		clients.Wait()
		works(t, s.dial(t))
	})
}

func TestCancelling(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		s.user.Then(authenticator.Ignore)
		c := s.dial(t)
		ctx, cancel := context.WithCancel(bounded(t))
		go func() {
			assert.NoError(t, s.user.AwaitAsked(bounded(t), 1))
			cancel()
		}()
		_, err := ctap.Call(ctx, c, &ctap.SelectionRequest{})
		require.ErrorIs(t, err, ctap.KeepaliveCancel)
		works(t, c)
	})
}

// What a client leaves behind is gone with it. A datagram socket cannot be seen
// to leave, so that there its messages have to time out.
func TestClientsThatVanish(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		gone := s.raw(t)
		channel := gone.open(t)
		require.NoError(t, gone.send(append(channel, 0x81, 1, 0)...)) // half of a PING
		require.NoError(t, gone.Close())
		works(t, s.dial(t))
		if !gone.stream {
			return
		}
		s.user.Then(authenticator.Ignore)
		gone = s.raw(t)
		require.NoError(t, gone.send(append(gone.open(t), 0x90, 0, 1, 0x0b)...)) // selection
		require.NoError(t, s.user.AwaitAsked(bounded(t), 1))
		require.NoError(t, gone.Close())
		works(t, s.dial(t))
	})
}

// One who sends on and on without reading does not hold others up. A connection
// is ended at some point. So many datagrams at once, and no more, are sure to
// find room.
func TestClientsThatDoNotRead(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		other := s.dial(t)
		deaf := s.raw(t)
		channel := deaf.open(t)
		ping := append(channel, 0x81, 0, 57)
		often := 100
		if deaf.stream {
			often = 10_000
		}
		for n := 0; deaf.send(ping...) == nil && (deaf.stream || n < 2000); n++ {
			if n%often == 0 {
				works(t, other)
			}
		}
		works(t, other)
		works(t, s.dial(t))
	})
}

func TestFloodOfInit(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		other, flood := s.dial(t), s.raw(t)
		for range 500 {
			flood.open(t)
		}
		works(t, other)
		works(t, s.dial(t))
	})
}

func TestFramesOfAnotherLength(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"unix:" + filepath.Join(t.TempDir(), "key"), "tcp:127.0.0.1:0"} {
		s := serve(t, at)
		for _, frame := range [][]byte{{0, 63}, {0, 65}, {0, 0}, {0xff, 0xff}} {
			c := s.raw(t)
			_, err := c.Write(append(frame, make([]byte, 64)...))
			require.NoError(t, err)
			_, err = c.Read(make([]byte, 1))
			assert.Error(t, err, "the connection is ended")
		}
		works(t, s.dial(t))
	}
	s := serve(t, "udp:127.0.0.1:0")
	c := s.raw(t)
	for _, n := range []int{0, 1, 63, 65, 1000} {
		_, err := c.Write(make([]byte, n))
		require.NoError(t, err)
	}
	c.open(t)
}

// Answers to datagrams go to their sender; of very many senders the first are
// forgotten.
func TestManySenders(t *testing.T) {
	t.Parallel()
	s := serve(t, "udp:127.0.0.1:0")
	first, second := s.raw(t), s.raw(t)
	pings := [][]byte{append(first.open(t), 0x81, 0, 0), append(second.open(t), 0x81, 0, 0)}
	for range 30 {
		s.raw(t).open(t)
	}
	require.NoError(t, first.send(pings[0]...))
	assert.Equal(t, byte(0x81), first.receive(t)[4], "32 are remembered")
	s.raw(t).open(t)
	require.NoError(t, first.send(pings[0]...))
	assert.Equal(t, byte(0x81), first.receive(t)[4], "it was heard of not long ago")
	require.NoError(t, second.send(pings[1]...))
	assert.Equal(t, []byte{0xbf, 0, 1, 0x0b}, second.receive(t)[4:8], "it was not")
	for range 32 {
		s.raw(t).open(t)
	}
	require.NoError(t, first.send(pings[0]...))
	assert.Equal(t, []byte{0xbf, 0, 1, 0x0b}, first.receive(t)[4:8], "its channel went with it")
}

// A device has room for so many clients. Others are turned away, not kept
// waiting.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	s := serve(t, "tcp:127.0.0.1:0")
	last := s.raw(t)
	last.open(t)
	for range 63 {
		s.raw(t).open(t)
	}
	_, err := s.raw(t).Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, last.Close())
	require.Eventually(t, func() bool {
		c, err := socket.Dial(bounded(t), s.address)
		return err == nil && c.Close() == nil
	}, time.Minute, 10*time.Millisecond, "there is room again")
}

func TestStopping(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		s.user.Then(authenticator.Ignore)
		c, failed := s.dial(t), make(chan error, 1)
		ctx, leave := context.WithCancel(bounded(t))
		defer leave()
		go func() {
			_, err := c.Exchange(ctx, []byte{byte(ctap.CommandSelection)})
			failed <- err
		}()
		require.NoError(t, s.user.AwaitAsked(bounded(t), 1))
		require.NoError(t, s.stop())
		if strings.HasPrefix(s.address, "udp:") {
			leave() // a datagram socket does not end with its other side
		}
		require.Error(t, <-failed)
		_, err := socket.Dial(bounded(t), s.address)
		require.Error(t, err)
		if path, ok := strings.CutPrefix(s.address, "unix:"); ok {
			assert.NoFileExists(t, path)
		}
	})
}

func TestListening(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, says string }{
		{"unix:", "1 to 107 bytes"},
		{"unix:/" + strings.Repeat("x", 107), "1 to 107 bytes"},
		{"tcp:127.0.0.1", "tcp:HOST:PORT"},
		{"udp:1", "udp:HOST:PORT"},
		{"vpcd:127.0.0.1:1", "unix:PATH, tcp:HOST:PORT or udp:HOST:PORT"},
		{"8111", "unix:PATH, tcp:HOST:PORT or udp:HOST:PORT"},
		{"unix:" + filepath.Join(t.TempDir(), "no", "such", "folder"), "no such file"},
	} {
		_, err := socket.Listen(c.at)
		require.ErrorContains(t, err, c.says, c.at)
		_, err = socket.ListenAnywhere(c.at)
		require.ErrorContains(t, err, c.says, c.at)
		_, err = socket.Dial(bounded(t), c.at)
		require.Error(t, err, c.at)
	}
	for _, at := range []string{"tcp:0.0.0.0:0", "udp:[::]:0", "tcp::0", "udp:192.0.2.1:0", "tcp:example.com:0"} {
		_, err := socket.Listen(at)
		require.ErrorIs(t, err, socket.ErrNotLocal, at)
	}
	for _, at := range []string{"tcp:localhost:0", "udp:localhost:0", "tcp:127.1.2.3:0"} {
		l, err := socket.Listen(at)
		require.NoError(t, err, at)
		require.NoError(t, l.Close())
	}
	l, err := socket.ListenAnywhere("tcp:127.0.0.1:0")
	require.NoError(t, err)
	_, err = socket.Listen(l.Address())
	require.ErrorContains(t, err, "address already in use")
	require.NoError(t, l.Close())
}

// A socket file is taken over when nobody listens there, and only then.
func TestSocketFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	left.SetUnlinkOnClose(false)
	_, err = socket.Listen("unix:" + path)
	require.ErrorContains(t, err, "address already in use", "somebody is there")
	require.NoError(t, left.Close())
	l, err := socket.Listen("unix:" + path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it is its owner's")
	require.NoError(t, l.Close())

	require.NoError(t, os.WriteFile(path, []byte("somebody's notes"), 0o600))
	_, err = socket.Listen("unix:" + path)
	require.ErrorContains(t, err, "address already in use")
	assert.FileExists(t, path)
}
