package browser

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/laps"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// BenchmarkPhoneLogin is a login by a phone: from the click to the verified response
// in Chromium, the reading of the code from the display included, and between our
// two ends over the same air and tunnel.
func BenchmarkPhoneLogin(b *testing.B) {
	s := newScene(b)
	s.register("alice@example.com", s.phone())
	b.Run("Chromium", func(b *testing.B) {
		s := s.in(b)
		var logins laps.Laps
		for b.Loop() {
			logins.Time(func() { s.login(s.phone()) })
		}
		b.ReportMetric(logins.Milliseconds(), "median-ms")
	})
	b.Run("our_two_ends", func(b *testing.B) {
		radio, err := bluez.OpenRadio(b.Context(), s.nearby.Air.Address())
		require.NoError(b, err)
		defer radio.Close()
		computer, err := hybrid.NewComputer(hybrid.ComputerConfig{Scanner: radio, Dialer: s.nearby.Dialer(), Random: rand.Reader, Now: time.Now})
		require.NoError(b, err)
		var logins laps.Laps
		for b.Loop() {
			logins.Time(func() { s.loginAt(b, computer) })
		}
		b.ReportMetric(logins.Milliseconds(), "median-ms")
	})
}

// loginAt is a login at a computer of ours.
func (s *scene) loginAt(b *testing.B, computer *hybrid.Computer) {
	code, err := computer.Show(protocol.HintAssertion)
	require.NoError(b, err)
	ended := scanText(b.Context(), s.phone(), code.Text())
	remote, err := code.Connect(b.Context())
	require.NoError(b, err)
	_, err = ctap.Call(b.Context(), remote, &ctap.GetAssertionRequest{RPID: "localhost", ClientDataHash: make([]byte, 32)})
	require.NoError(b, err)
	require.NoError(b, remote.Close())
	require.NoError(b, <-ended)
}
