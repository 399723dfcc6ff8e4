package hybrid_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Randomness that ends is told where it is missed, and ends both sides.
func TestRandomnessThatEnds(t *testing.T) {
	t.Parallel()
	for n, says := range map[int64]string{0: "drawing an advert", 10: "preparing the handshake", 42: "offering a link"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, func(p *hybrid.PhoneConfig, c *hybrid.ComputerConfig) {
				p.Random = io.LimitReader(p.Random, n)
				p.Reach = &hybrid.Reach{ContactID: contactID}
				c.Linking = true
			})
			phone, computer := r.login(t)
			requireSays(t, phone, says)
			require.ErrorIs(t, phone, io.EOF)
			require.Error(t, computer)
		})
	}
	for n, says := range map[int64]string{0: "making a QR code", 32: "making a QR code", 48: "the handshake"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, func(_ *hybrid.PhoneConfig, c *hybrid.ComputerConfig) { c.Random = io.LimitReader(c.Random, n) })
			code, err := r.computer.Show("")
			if err == nil {
				phone := make(chan error, 1)
				go func() { phone <- r.phone.Scan(bounded(t), code.Text()) }()
				_, err = code.Connect(bounded(t))
				requireSays(t, <-phone, "waiting for the computer")
			}
			requireSays(t, err, says)
			require.ErrorIs(t, err, io.EOF)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := linkable(t)
		link := r.link(t)
		dull, err := hybrid.NewComputer(hybrid.ComputerConfig{Scanner: &r.air, Dialer: &r.service, Random: strings.NewReader(""), Now: time.Now})
		require.NoError(t, err)
		_, err = dull.Call(t.Context(), link, "")
		requireSays(t, err, "calling the phone")
	})
}

// flawed is a device that fails, by command.
type flawed struct {
	ctap.Transport
	command ctap.Command
	answer  []byte
	err     error
}

func (d *flawed) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if ctap.Command(request[0]) == d.command {
		return d.answer, d.err
	}
	return d.Transport.Exchange(ctx, request)
}

func TestDevicesThatFail(t *testing.T) {
	t.Parallel()
	why := errors.New("the battery is empty")
	around := func(command ctap.Command, answer []byte, err error) change {
		return func(p *hybrid.PhoneConfig, _ *hybrid.ComputerConfig) {
			p.Device = &flawed{p.Device, command, answer, err}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		phone, computer := newRig(t, around(ctap.CommandGetInfo, nil, why)).login(t)
		requireSays(t, phone, "asking the device what it is")
		require.ErrorIs(t, phone, why)
		requireSays(t, computer, "what the phone is")
	})
	for _, c := range []change{around(ctap.CommandGetAssertion, nil, why), around(ctap.CommandGetAssertion, nil, nil)} {
		synctest.Test(t, func(t *testing.T) {
			phone, computer := newRig(t, c).login(t)
			require.NoError(t, phone, "it has answered")
			require.ErrorIs(t, computer, ctap.Other)
		})
	}
}

// silence is an advertiser and a scanner that do not work.
type silence struct{ err error }

func (s silence) Advertise(context.Context, string, []byte) (func(), error) { return nil, s.err }
func (s silence) Scan(context.Context, func([]byte)) error                  { return s.err }

func TestRadiosThatFail(t *testing.T) {
	t.Parallel()
	off := silence{errors.New("Bluetooth is off")}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(p *hybrid.PhoneConfig, c *hybrid.ComputerConfig) { p.Advertiser, c.Scanner = off, off })
		phone, computer := r.login(t)
		requireSays(t, phone, "sending the advert: Bluetooth is off")
		requireSays(t, computer, "waiting for the advert of a phone: Bluetooth is off")
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(_ *hybrid.PhoneConfig, c *hybrid.ComputerConfig) { c.Scanner = silence{} })
		_, computer := r.login(t)
		requireSays(t, computer, "the scanner has stopped")
	})
}

// What a code announces is told to people.
func TestHintsInWords(t *testing.T) {
	t.Parallel()
	for hint, words := range map[protocol.Hint]string{
		protocol.HintCredential: "make a passkey", protocol.HintAssertion: "sign in", "": "sign in", protocol.HintDigital: "digital credential",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			code, err := r.computer.Show(hint)
			require.NoError(t, err)
			r.service.header = http.Header{} // which ends it soon
			require.ErrorIs(t, r.phone.Scan(t.Context(), code.Text()), hybrid.ErrRules)
			assert.Contains(t, r.steps[0].Text, words)
		})
	}
}

// prf needs a key agreement, which is the one use of clientPIN in a tunnel.
func TestPRFOverAPhone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "phone", Transport: remote})})
		require.NoError(t, err)
		caller := client.Caller{Origin: "https://example.org"}
		prf := map[string]json.RawMessage{"prf": json.RawMessage(`{"eval":{"first":"AQ"}}`)}
		_, err = c.Create(t.Context(), caller, &webauthn.CreationOptions{
			RP: webauthn.RPEntity{ID: "example.org", Name: "Example"}, User: webauthn.UserEntity{ID: []byte{1}, Name: "alice", DisplayName: "Alice"},
			Challenge: []byte{1}, AuthenticatorSelection: webauthn.AuthenticatorSelection{ResidentKey: webauthn.Required}, Extensions: prf,
		})
		require.NoError(t, err)
		got, err := c.Get(t.Context(), caller, &webauthn.RequestOptions{RPID: "example.org", Challenge: []byte{2}, Extensions: prf})
		require.NoError(t, err)
		assert.Contains(t, string(got.ClientExtensionResults["prf"]), `"first"`)
		require.NoError(t, remote.Close())
		require.NoError(t, <-phone)
	})
}

// counted is a device that counts what it is asked, and does something meanwhile.
type counted struct {
	ctap.Transport
	asked int
	then  func()
}

func (d *counted) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if ctap.Command(request[0]) == ctap.CommandGetInfo {
		return d.Transport.Exchange(ctx, request)
	}
	d.asked++
	answer, err := d.Transport.Exchange(ctx, request)
	d.then()
	return answer, err
}

// A phone that has walked away asks its device for nothing any more, and tells no
// answer that came too late.
func TestPhonesThatWalkAwayAreGone(t *testing.T) {
	t.Parallel()
	why := errors.New("the battery is empty")
	for name, c := range map[string]struct {
		step  hybrid.StepKind // 0 is while the device is at it
		asked int
	}{"as it has shaken hands": {hybrid.StepHandshake, 0}, "as it is asked": {hybrid.StepRequest, 0}, "as it would answer": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 { // what is ready at the same time is taken in any order
				synctest.Test(t, func(t *testing.T) {
					ctx, leave := context.WithCancelCause(t.Context())
					device := &counted{then: func() { leave(why) }}
					r := newRig(t, func(p *hybrid.PhoneConfig, _ *hybrid.ComputerConfig) {
						device.Transport, p.Device = p.Device, device
						p.Tell = func(step hybrid.Step) {
							if step.Kind == c.step {
								leave(why)
							}
						}
					})
					r.passkey(t)
					code, err := r.computer.Show(protocol.HintAssertion)
					require.NoError(t, err)
					phone := make(chan error, 1)
					go func() { phone <- r.phone.Scan(ctx, code.Text()) }()
					remote, err := code.Connect(bounded(t))
					if c.step != hybrid.StepHandshake {
						require.NoError(t, err)
						_, err = ctap.Call(bounded(t), remote, assertion())
						require.NoError(t, remote.Close())
					}
					require.ErrorIs(t, err, hybrid.ErrLost)
					require.ErrorIs(t, <-phone, why)
					assert.Equal(t, c.asked, device.asked)
				})
			}
		})
	}
}
