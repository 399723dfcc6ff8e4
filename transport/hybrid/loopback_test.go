package hybrid_test

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/laps"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// onLoopback is a rig whose ends meet over TLS on this machine.
func onLoopback(t testing.TB) (*rig, *hybrid.WebSockets) {
	t.Helper()
	service, err := tunnel.New(tunnel.Config{Random: rand.Reader})
	require.NoError(t, err)
	sockets := serveTLS(t, service)
	t.Cleanup(service.Close)
	r := newRig(t, func(p *hybrid.PhoneConfig, c *hybrid.ComputerConfig) {
		p.Dialer, c.Dialer = sockets, sockets
		p.Reach = &hybrid.Reach{Owner: protocol.Owner{1}, ContactID: contactID, Name: "Alice's phone"}
		c.Linking = true
	})
	r.passkey(t)
	return r, sockets
}

// signIn is a whole sign-in, from the QR code to the parting.
func (r *rig) signIn(t testing.TB) {
	remote, phone, err := r.meet(t, t.Context())
	require.NoError(t, err)
	_, err = ctap.Call(t.Context(), remote, assertion())
	require.NoError(t, err)
	require.NoError(t, remote.Close())
	require.NoError(t, <-phone)
}

func TestOverLoopback(t *testing.T) {
	t.Parallel()
	r, sockets := onLoopback(t)
	for range 3 {
		r.signIn(t)
	}

	listening, hangUp := context.WithCancel(t.Context())
	answered, silent := make(chan error, 1), make(chan error, 1)
	go func() { silent <- r.phone.Listen(listening, func(err error) { answered <- err }) }()
	<-r.listening
	link := r.computer.Links()[0]
	for range 2 {
		remote, err := r.computer.Call(t.Context(), link, protocol.HintAssertion)
		require.NoError(t, err)
		_, err = ctap.Call(t.Context(), remote, assertion())
		require.NoError(t, err)
		require.NoError(t, remote.Close())
		require.NoError(t, <-answered)
	}
	hangUp()
	require.ErrorIs(t, <-silent, context.Canceled)

	require.NoError(t, sockets.Forget(t.Context(), protocol.DomainGoogle, contactID))
	require.ErrorIs(t, sockets.Forget(t.Context(), protocol.DomainGoogle, contactID), hybrid.ErrUnlinked)
	_, err := r.computer.Call(t.Context(), link, "")
	require.ErrorIs(t, err, hybrid.ErrUnlinked)
	assert.Empty(t, r.computer.Links())
	r.phone.Relink(nil)
	require.ErrorContains(t, r.phone.Listen(t.Context(), nil), "no contact ID")
}

// BenchmarkLogin compares a sign-in over loopback, two TLS handshakes and the
// hybrid one in it, with the same request to the device alone.
func BenchmarkLogin(b *testing.B) {
	b.Run("over loopback", func(b *testing.B) {
		r, _ := onLoopback(b)
		var logins laps.Laps
		for b.Loop() {
			logins.Time(func() { r.signIn(b) })
		}
		b.ReportMetric(logins.Milliseconds(), "median-ms")
	})
	b.Run("device alone", func(b *testing.B) {
		r, _ := onLoopback(b)
		var logins laps.Laps
		for b.Loop() {
			logins.Time(func() {
				_, err := ctap.Call(b.Context(), r.device, assertion())
				require.NoError(b, err)
			})
		}
		b.ReportMetric(logins.Milliseconds(), "median-ms")
	})
}
