package client_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestGet(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice")
	got, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions())
	require.NoError(t, err)

	assert.Equal(t, `{"type":"webauthn.get","challenge":"YSBjaGFsbGVuZ2Ugb2YgdGhlIHJlbHlpbmcgcGFydHk","origin":"https://example.com","crossOrigin":false}`,
		string(got.Response.ClientDataJSON))
	assert.Equal(t, "id of alice", string(got.RawID))
	assert.Equal(t, got.RawID, got.ID)
	assert.Equal(t, "handle of alice", string(got.Response.UserHandle))
	assert.Equal(t, "signature", string(got.Response.Signature))
	assert.Equal(t, webauthn.Platform, got.AuthenticatorAttachment)
	assert.NotNil(t, got.ClientExtensionResults, "toJSON has an object, not null")

	hash := sha256.Sum256(got.Response.ClientDataJSON)
	want := &ctap.GetAssertionRequest{RPID: site, ClientDataHash: hash[:], Options: &ctap.Options{UV: new(true)}}
	assert.Equal(t, []*ctap.GetAssertionRequest{want}, sent[*ctap.GetAssertionRequest](d))
	assert.Len(t, sent[*ctap.GetInfoRequest](d), 1)
}

func TestKnownAuthenticatorsAreNotAskedWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2} {
		devices := []*device{laptop().holding("alice"), securityKey()}[:n]
		browser := newClient(t, devices, func(c *client.Config) {
			known := c.Authenticators()
			for i := range known {
				known[i].Info = &devices[i].info
			}
		})
		_, err := browser.Get(t.Context(), page, requestOptions())
		require.NoError(t, err)
		for _, d := range devices {
			assert.Empty(t, sent[*ctap.GetInfoRequest](d))
		}
		assert.NotEmpty(t, sent[*ctap.GetAssertionRequest](devices[0]))
	}
}

var requestMistakes = []struct {
	name   string
	change func(*client.Caller, *webauthn.RequestOptions)
	want   string
}{
	{"unknown mediation", func(c *client.Caller, _ *webauthn.RequestOptions) { c.Mediation = "telepathic" }, webauthn.TypeError},
	{"allow list too long", func(_ *client.Caller, o *webauthn.RequestOptions) {
		o.AllowCredentials = descriptorList(strings.Split(strings.Repeat("x,", 64), ",")...)
	}, client.RangeError},
	{"opaque origin", func(c *client.Caller, _ *webauthn.RequestOptions) { c.Origin = "data:text/html,hello" }, webauthn.NotAllowedError},
	{"foreign RP ID", func(_ *client.Caller, o *webauthn.RequestOptions) { o.RPID = "example.org" }, webauthn.SecurityError},
	{"credProps", func(_ *client.Caller, o *webauthn.RequestOptions) { o.Extensions = extensions("credProps", "true") }, webauthn.NotSupportedError},
}

func TestGetMistakes(t *testing.T) {
	t.Parallel()
	for i, first := range requestMistakes {
		t.Run(first.name, func(t *testing.T) {
			t.Parallel()
			d := laptop().holding("alice")
			caller, options := page, requestOptions()
			first.change(&caller, options)
			_, err := newClient(t, only(d)).Get(t.Context(), caller, options)
			exception(t, err, first.want)
			assert.Empty(t, d.asked, "no authenticator is asked for a mistake of the page")
		})
		for _, second := range requestMistakes[i+1:] {
			t.Run(first.name+" before "+second.name, func(t *testing.T) {
				t.Parallel()
				caller, options := page, requestOptions()
				second.change(&caller, options)
				first.change(&caller, options)
				_, err := newClient(t, only(laptop().holding("alice"))).Get(t.Context(), caller, options)
				exception(t, err, first.want)
			})
		}
	}
	t.Run("no options", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, nil).Get(t.Context(), page, nil)
		exception(t, err, webauthn.NotSupportedError)
	})
}
