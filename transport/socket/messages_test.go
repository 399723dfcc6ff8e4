package socket_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Messages of every length up to the longest come back, through reports of any
// size (CTAP 2.3 §11.2.4).
func TestReportSizes(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ in, out int }{{8, 8}, {8, 64}, {64, 9}, {32, 32}, {64, 64}, {1024, 1024}} {
		t.Run(fmt.Sprintf("%d in, %d out", size.in, size.out), func(t *testing.T) {
			addresses(t, func(t *testing.T, at string) {
				s := serve(t, at, transport.Reports(size.in, size.out))
				c, err := socket.DialReports(bounded(t), s.address, size.in, size.out)
				require.NoError(t, err)
				defer c.Close()
				longest := min(hid.Capacity(size.in), hid.Capacity(size.out))
				for _, n := range []int{0, 1, size.out - 7, size.out - 6, size.out + 1, longest - 1, longest} {
					payload := bytes.Repeat([]byte{0xa5}, n)
					answer, err := c.Ping(bounded(t), payload)
					require.NoError(t, err, n)
					require.Equal(t, len(payload), len(answer))
					require.True(t, bytes.Equal(payload, answer))
				}
				_, err = ctap.Call(bounded(t), c, new(ctap.SelectionRequest))
				require.NoError(t, err)
			})
		})
	}
}

// The longest answers are those with keys and signatures of ML-DSA. They fit.
func TestAnswersOfMLDSA(t *testing.T) {
	t.Parallel()
	model := authenticator.SecurityKey()
	model.Algorithms, model.MaxMsgSize = []webauthn.Algorithm{webauthn.ES256, webauthn.MLDSA87}, ctap.MaxMsgSize
	addresses(t, func(t *testing.T, at string) {
		c := serveModel(t, model, at).dial(t)
		request, err := ctap.EncodeRequest(&ctap.MakeCredentialRequest{
			ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
			PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.MLDSA87), Type: ctap.PublicKey}},
		})
		require.NoError(t, err)
		answer, err := c.Exchange(bounded(t), request)
		require.NoError(t, err)
		require.NoError(t, ctap.DecodeResponse(answer, new(ctap.MakeCredentialResponse)))
		assert.Greater(t, len(answer), 7200, "a key of 2592 bytes and a signature of 4627")
		assert.LessOrEqual(t, len(answer), ctap.MaxMsgSize)
	})
}

// Who has the lock keeps the others out (§11.2.9.2.2).
func TestLocking(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		owner, other := s.dial(t), s.raw(t)
		ping := append(other.open(t), 0x81, 0, 0)
		require.NoError(t, owner.Lock(bounded(t), 10))
		require.NoError(t, other.send(ping...))
		assert.Equal(t, []byte{0xbf, 0, 1, 0x06}, other.receive(t)[4:8])
		works(t, owner)
		require.NoError(t, owner.Lock(bounded(t), 0))
		require.NoError(t, other.send(ping...))
		assert.Equal(t, []byte{0x81, 0, 0}, other.receive(t)[4:7])
	})
}

// Nobody hears, or takes away, what is for another: each of two clients reads
// exactly its own reports.
func TestASecondReader(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		one, two := s.raw(t), s.raw(t)
		channels := [][]byte{one.open(t), two.open(t)}
		for n := range byte(50) {
			require.NoError(t, one.send(append(channels[0], 0x81, 0, 1, n)...))
			require.NoError(t, two.send(append(channels[1], 0x81, 0, 1, 0x80|n)...))
			for i, c := range []*raw{one, two} {
				want := append(bytes.Clone(channels[i]), 0x81, 0, 1, byte(i)<<7|n)
				require.Equal(t, want, c.receive(t)[:8])
			}
		}
	})
}

// A client hears that it is waited for, for as long as that takes.
func TestAwaitingATouch(t *testing.T) {
	t.Parallel()
	networks(t, func(t *testing.T, s *served) {
		s.user.Then(authenticator.Ignore)
		c := s.raw(t)
		channel := c.open(t)
		require.NoError(t, c.send(append(channel, 0x90, 0, 1, 0x0b)...))
		for range 3 {
			for report := c.receive(t); ; report = c.receive(t) {
				require.Equal(t, []byte{0xbb, 0, 1}, report[4:7])
				if report[7] == byte(hid.UserNeeded) {
					break
				}
			}
		}
		require.NoError(t, c.send(append(channel, 0x91, 0, 0)...))
		for report := c.receive(t); ; report = c.receive(t) {
			if report[4] != 0xbb {
				assert.Equal(t, []byte{0x90, 0, 1, byte(ctap.KeepaliveCancel)}, report[4:8])
				break
			}
		}
	})
}

// solosReport is what makes Solo's simulator start again.
var solosReport = []byte{
	0xac, 0x10, 0x52, 0xca, 0x95, 0xe5, 0x69, 0xde, 0x69, 0xe0, 0x2e, 0xbf, 0xf3, 0x33, 0x48, 0x5f,
	0x13, 0xf9, 0xb2, 0xda, 0x34, 0xc5, 0xa8, 0xa3, 0x40, 0x52, 0x66, 0x97, 0xa9, 0xab, 0x2e, 0x0b,
	0x39, 0x4d, 0x8d, 0x04, 0x97, 0x3c, 0x13, 0x40, 0x05, 0xbe, 0x1a, 0x01, 0x40, 0xbf, 0xf6, 0x04,
	0x5b, 0xb2, 0x6e, 0xb7, 0x7a, 0x73, 0xea, 0xa4, 0x78, 0x13, 0xf6, 0xb4, 0x9a, 0x72, 0x50, 0xdc,
}

// The device starts again: a request in progress is gone, without an answer, and the
// sender goes on with its channel.
func TestRebootByDatagram(t *testing.T) {
	t.Parallel()
	s := serve(t, "udp:127.0.0.1:0")
	s.user.Then(authenticator.Ignore)
	c := s.raw(t)
	channel := c.open(t)
	require.NoError(t, c.send(append(channel, 0x90, 0, 1, 0x0b)...))
	require.NoError(t, s.user.AwaitAsked(bounded(t), 1))
	require.NoError(t, c.send(solosReport...))
	require.NoError(t, c.send(append(channel, 0x81, 0, 0)...))
	report := c.receive(t)
	for report[4] == 0xbb {
		report = c.receive(t)
	}
	assert.Equal(t, append(channel, 0x81, 0, 0), report[:7], "the answer to the PING, and none to the request")
	works(t, s.dial(t))

	almost := bytes.Clone(solosReport)
	almost[63]++
	require.NoError(t, c.send(append(c.open(t), 0x81, 0, 100)...)) // half of a PING
	require.NoError(t, c.send(almost...))
	assert.Equal(t, []byte{0xac, 0x10, 0x52, 0xca, 0xbf, 0, 1, 0x0b}, c.receive(t)[:8], "another report is only that")
}
