package client_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TestSenselessAnswersToClientPIN end the ceremony with a cause that says what
// was wrong.
func TestSenselessAnswersToClientPIN(t *testing.T) {
	t.Parallel()
	empty := &ctap.ClientPINResponse{}
	cases := []struct {
		name   string
		sub    ctap.SubCommand
		answer any
		device func(string) *device
		cause  string
	}{
		{"no retries", ctap.GetPINRetries, empty, pinned, "no pinRetries"},
		{"no retries of built-in verification", ctap.GetUVRetries, empty, sensing, "no uvRetries"},
		{"no key", ctap.GetKeyAgreement, empty, pinned, "not a P-256 key"},
		{"a key that is no point", ctap.GetKeyAgreement, &ctap.ClientPINResponse{KeyAgreement: &ctap.KeyAgreement{
			KeyType: 2, Curve: 1, X: make([]byte, 32), Y: make([]byte, 32),
		}}, pinned, "not a P-256 key"},
		{"no token", ctap.GetPinUvAuthTokenUsingPinWithPermissions, empty, pinned, "decrypting"},
		{"a short token", ctap.GetPinUvAuthTokenUsingPinWithPermissions, &ctap.ClientPINResponse{PinUvAuthToken: make([]byte, 32)}, pinned, "lengths"},
		{"no token for a finger", ctap.GetPinUvAuthTokenUsingUvWithPermissions, empty, sensing, "decrypting"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := c.device("1234").holding("alice")
			d.pin.answer = func(req *ctap.ClientPINRequest) any {
				if req.SubCommand == c.sub {
					return c.answer
				}
				return nil
			}
			user := typing("1234", "1234")
			_, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required))
			assert.ErrorContains(t, exception(t, err, webauthn.NotAllowedError).Cause, c.cause)
		})
	}
}

func TestUnknownProtocols(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234").holding("alice"), typing("1234")
	d.info.PinUvAuthProtocols = []uint64{3, 99}
	_, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required))
	assert.ErrorContains(t, exception(t, err, webauthn.NotAllowedError).Cause, "[3 99] are not known")
}

// TestRandomnessRunsDry is no reason to go on with less.
func TestRandomnessRunsDry(t *testing.T) {
	t.Parallel()
	for n := range 3 { // scalar, initialization vector of the PIN, that of the salts
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			d, user := gifted().holding("alice"), typing("1234")
			delete(d.info.Options, ctap.OptionUV)
			source := &reads{left: n}
			browser := newClient(t, only(d), user.into, func(c *client.Config) { c.Random = source })
			_, err := browser.Get(t.Context(), page, getting(webauthn.Required, func(o *webauthn.RequestOptions) {
				o.Extensions = extensions("prf", `{"eval":{"first":"AA"}}`)
			}))
			assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, errDry)
		})
	}
}

// reads is a source of randomness that is good for a number of reads.
type reads struct{ left int }

var errDry = fmt.Errorf("no more randomness")

func (r *reads) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, errDry
	}
	r.left--
	for i := range p {
		p[i] = byte(i + 1)
	}
	return len(p), nil
}
