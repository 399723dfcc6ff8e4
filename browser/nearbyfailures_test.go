package browser

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/webauthn"
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

// What the page learns of a phone that does not do what it should, and what the
// browser shows its user.
func TestPhonesThatFail(t *testing.T) {
	declines := func(s *scene, _ *hybrid.PhoneConfig) { s.user.Then(authenticator.Decline) }
	cases := map[string]struct {
		change func(*scene, *hybrid.PhoneConfig)
		dialog string // its title; "" for none, and an exception at once
	}{
		"declines":                       {declines, ""},
		"hangs up at the handshake":      {tamper(messageHandshake, nil), "?"},
		"fails the handshake":            {tamper(messageHandshake, flipped), "?"},
		"hangs up after the handshake":   {tamper(messageHello, nil), "?"},
		"sends garbage":                  {tamper(messageHello, flipped), "?"},
		"hangs up instead of an answer":  {tamper(messageAnswer, nil), "?"},
		"sends an answer that was changed": {tamper(messageAnswer, flipped), "?"},
	}
	s := newScene(t)
	s.register("alice@example.com", s.phone())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s.askLogin()
			ended := s.scan(testContext(t), s.phone(func(config *hybrid.PhoneConfig) { c.change(s, config) }))
			t.Log(<-ended)
			d, err := s.tab.Dialog(testContext(t), func(d Dialog) bool { return d.Title != "Passkeys & Security Keys" })
			t.Log(d, err)
			t.Log(evalString(t, s.tab, "window.outcome"))
		})
	}
}

var _ = bluez.FIDOService
var _ = assert.True
var _ = require.True
var _ = rand.Read
var _ ctap.Transport
var _ = webauthn.TransportInternal
