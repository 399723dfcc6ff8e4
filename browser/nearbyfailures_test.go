package browser

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// tampered is a way to tunnels in which the nth message of the phone's, counted
// from 0, is something else; nil closes the tunnel instead.
type tampered struct {
	hybrid.Dialer
	nth    int
	change func([]byte) []byte
}

type tamperedConn struct {
	hybrid.Conn
	sent int
	tampered
}

func (d tampered) Dial(ctx context.Context, domain protocol.Domain, path string, header http.Header) (hybrid.Conn, http.Header, error) {
	conn, told, err := d.Dialer.Dial(ctx, domain, path, header)
	return &tamperedConn{Conn: conn, tampered: d}, told, err
}

func (c *tamperedConn) Send(ctx context.Context, message []byte) error {
	if c.sent++; c.sent == c.nth+1 {
		if c.change == nil {
			return errors.Join(hybrid.ErrLost, c.Conn.Close(protocol.CloseNormal))
		}
		message = c.change(append([]byte(nil), message...))
	}
	return c.Conn.Send(ctx, message)
}

func flipped(message []byte) []byte { message[len(message)-1] ^= 1; return message }

// Messages of a phone, in their order.
const (
	messageHandshake = iota
	messageHello
	messageUpdate
	messageAnswer
)

func tamper(nth int, change func([]byte) []byte) func(*scene, *hybrid.PhoneConfig) {
	return func(_ *scene, c *hybrid.PhoneConfig) { c.Dialer = tampered{c.Dialer, nth, change} }
}

// What comes of a phone that does not do what it should: never a login. Until it has
// told what it is, the browser goes on connecting until its user cancels.
func TestPhonesThatFail(t *testing.T) {
	declines := func(s *scene, _ *hybrid.PhoneConfig) { s.user.Then(authenticator.Decline) }
	cases := map[string]struct {
		change   func(*scene, *hybrid.PhoneConfig)
		connects bool // for as long as its user lets it
	}{
		"declines":                         {declines, false},
		"hangs up at the handshake":        {tamper(messageHandshake, nil), true},
		"fails the handshake":              {tamper(messageHandshake, flipped), true},
		"hangs up after the handshake":     {tamper(messageHello, nil), true},
		"sends garbage":                    {tamper(messageHello, flipped), true},
		"hangs up instead of an answer":    {tamper(messageAnswer, nil), false},
		"sends an answer that was changed": {tamper(messageAnswer, flipped), false},
	}
	s := newScene(t)
	s.register("alice@example.com", s.phone())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			s.askLogin()
			ended := s.scan(testContext(t), s.phone(func(config *hybrid.PhoneConfig) { c.change(s, config) }))
			<-ended // how it saw it is told in transport/hybrid
			if c.connects {
				_, err := s.tab.Dialog(testContext(t), func(d Dialog) bool { return d.Title == "Connecting to your device" })
				require.NoError(t, err)
				require.NoError(t, s.tab.PressDialog(testContext(t), "Cancel"))
			}
			assert.Equal(t, "NotAllowedError", s.outcome())
		})
	}
	s.login(s.phone()) // with nothing left of all that
}

// A phone whose owner leaves while it asks for a finger.
func TestPhoneWalksAway(t *testing.T) {
	s := newScene(t)
	s.register("alice@example.com", s.phone())
	s.askLogin()
	ctx, leave := context.WithCancel(testContext(t))
	s.user.Then(authenticator.Ignore)
	asked := make(chan struct{})
	tell := func(step hybrid.Step) {
		if step.Kind == hybrid.StepRequest {
			close(asked)
		}
	}
	ended := s.scan(ctx, s.phone(func(c *hybrid.PhoneConfig) { c.Tell = tell }))
	<-asked
	leave()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Equal(t, "NotAllowedError", s.outcome())
}

// Nobody scans: the user cancels, or presses Escape.
func TestUserGivesUp(t *testing.T) {
	s := newScene(t)
	give := map[string]func(*scene) error{
		"by the button": func(s *scene) error { return s.tab.PressDialog(testContext(s), "Cancel") },
		"by Escape":     func(s *scene) error { return s.tab.PressDisplayKey(testContext(s), KeyEscape) },
	}
	for name, up := range give {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			s.askLogin()
			_, err := s.tab.QR(testContext(t))
			require.NoError(t, err)
			require.NoError(t, up(s))
			assert.Equal(t, "NotAllowedError", s.outcome())
		})
	}
}

// A phone that scans the code of a request that has ended finds nobody, whatever is
// asked meanwhile.
func TestCodeOfAnEndedRequest(t *testing.T) {
	s := newScene(t)
	s.register("alice@example.com", s.phone())
	s.askLogin()
	old, err := s.tab.QR(testContext(t))
	require.NoError(t, err)
	require.NoError(t, s.tab.Eval(testContext(t), `aborter.abort()`, nil))
	require.Equal(t, "AbortError", s.outcome())

	asked := s.askLogin()
	ctx, leave := context.WithCancel(testContext(t))
	late := scanText(ctx, s.phone(), old)
	ended := s.scan(testContext(t), s.phone())
	s.verify(asked) // of the phone that scanned what is shown
	require.NoError(t, <-ended)
	leave()
	require.ErrorIs(t, <-late, context.Canceled, "nobody had come")
}

// Adverts of other people's phones, of another time and of no sense change nothing.
func TestOtherAdverts(t *testing.T) {
	s := newScene(t)
	s.register("alice@example.com", s.phone())
	for n := range 8 {
		stop, err := s.nearby.Air.Advertise(t.Context(), bluez.FIDOService, bytes.Repeat([]byte{byte(n)}, 20-n))
		require.NoError(t, err)
		defer stop()
	}
	s.login(s.phone())
}

// Without Bluetooth the browser shows no code at all, and asks for a security key.
func TestNoBluetooth(t *testing.T) {
	b, err := Launch(testContext(t), Options{Headed: true, Bluetooth: "unix:path=" + t.TempDir() + "/none"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	tab := openTabIn(t, b, testSite(t)+"/site.html", ContextOptions{})
	var offered bool
	require.NoError(t, tab.Eval(testContext(t), `PublicKeyCredential.getClientCapabilities().then((c) => c.hybridTransport)`, &offered))
	assert.False(t, offered)
	ask(t, tab, createOnKey)
	seen, err := tab.Dialog(testContext(t), func(d Dialog) bool { return len(d.Texts) > 0 })
	require.NoError(t, err)
	assert.Contains(t, seen.Title, "security key")
	require.NoError(t, tab.PressDialog(testContext(t), "Cancel"))
	assert.Equal(t, "NotAllowedError", outcomeOfAsk(t, tab))
}

// A tunnel service with a certificate that the browser does not trust is none.
func TestUntrustedTunnel(t *testing.T) {
	n, err := StartNearby(testContext(t))
	require.NoError(t, err)
	options := n.Options(Options{})
	options.Roots = nil
	b, err := Launch(testContext(t), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(b.Close(), n.Close())) })
	s := newSceneIn(t, n, b)
	s.askLogin()
	ctx, leave := context.WithCancel(testContext(t))
	near := make(chan struct{})
	ended := s.scan(ctx, s.phone(func(c *hybrid.PhoneConfig) {
		c.Tell = func(step hybrid.Step) {
			if step.Kind == hybrid.StepAdvert {
				close(near)
			}
		}
	}))
	<-near
	_, err = s.tab.Dialog(testContext(t), func(d Dialog) bool { return d.Title == "Connecting to your device" })
	require.NoError(t, err)
	require.NoError(t, s.tab.PressDialog(testContext(t), "Cancel"))
	assert.Equal(t, "NotAllowedError", s.outcome())
	leave()
	require.ErrorIs(t, <-ended, context.Canceled)
}
