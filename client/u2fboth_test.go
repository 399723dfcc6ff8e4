package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// An authenticator that speaks both is asked by U2F for what U2F made, if it still
// lets itself be used so.
func TestAppIDWhereBothAreSpoken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		device *device
		uv     webauthn.Requirement
		asked  string // by U2F
	}{
		{"U2F and CTAP 2.0", securityKey().older(), webauthn.Preferred, "check old, check old, authenticate old"},
		{"U2F is not listed", securityKey().legacy("old", oldAppID), webauthn.Preferred, ""},
		{"U2F verifies nobody", securityKey().older().legacy("old", oldAppID), webauthn.Required, ""},
		{"alwaysUv is on", securityKey().older().always().legacy("old", oldAppID), webauthn.Preferred, ""},
		{"made by WebAuthn", securityKey().older().legacy("old", site), webauthn.Preferred, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			key := oldKey().under(oldAppID, "old")
			got, err := newBothClient(t, c.device, key).Get(t.Context(), page, getting(c.uv, func(o *webauthn.RequestOptions) {
				o.Extensions, o.AllowCredentials = extensions("appid", `"`+oldAppID+`"`), descriptorList("old")
			}))
			require.NoError(t, err)
			assert.Equal(t, "old", string(got.ID))
			assert.Equal(t, c.asked, key.sentence())
			assert.Equal(t, webauthn.CrossPlatform, got.AuthenticatorAttachment)
		})
	}
}

func (d *device) always() *device {
	d.info.Options[ctap.OptionAlwaysUv] = true
	return d
}

func TestAppIDExcludeWhereBothAreSpoken(t *testing.T) {
	t.Parallel()
	d, key := securityKey().older(), oldKey().under(oldAppID, "old")
	_, err := newBothClient(t, d, key).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
		o.Extensions, o.ExcludeCredentials = extensions("appidExclude", `"`+oldAppID+`"`), descriptorList("old")
	}))
	exception(t, err, webauthn.InvalidStateError)
	assert.Equal(t, "check old, register", key.sentence(), "known, and then touched")
	assert.Empty(t, sent[*ctap.MakeCredentialRequest](d))
}

// A key of CTAP 2.0 wants its PIN for every credential. Where the page wants
// nobody verified and U2F makes one that is as good, nobody is asked for it.
func TestU2FSparesThePIN(t *testing.T) {
	t.Parallel()
	type options = webauthn.CreationOptions
	for _, c := range []struct {
		name   string
		device *device
		change func(*options)
		spared bool
	}{
		{"plain", pinned("1234").older(), func(*options) {}, true},
		{"others are excluded", pinned("1234").older(), func(o *options) { o.ExcludeCredentials = descriptorList("a") }, true},
		{"for credProps, which asks nothing", pinned("1234").older(), func(o *options) { o.Extensions = extensions("credProps", "true") }, true},
		{"a key of CTAP 2.1 does not ask", pinned("1234").older().with(ctap.OptionMakeCredUvNotRqd), func(*options) {}, false},
		{"U2F is not listed", pinned("1234"), func(*options) {}, false},
		{"alwaysUv is on", pinned("1234").older().always(), func(*options) {}, false},
		{"verification is preferred", pinned("1234").older(), func(o *options) { o.AuthenticatorSelection.UserVerification = webauthn.Preferred }, false},
		{"to be discoverable", pinned("1234").older(), func(o *options) { o.AuthenticatorSelection.ResidentKey = webauthn.Preferred }, false},
		{"of another algorithm", pinned("1234").older(), func(o *options) { o.PubKeyCredParams[0].Algorithm = webauthn.EdDSA }, false},
		{"with an extension", pinned("1234").older(), func(o *options) { o.Extensions = extensions("minPinLength", "true") }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			key, user := oldKey(), typing("1234")
			c.device.info.Extensions = []string{ctap.ExtensionMinPINLength}
			made, err := newBothClient(t, c.device, key, user.into).Create(t.Context(), page, creationOptions(func(o *options) {
				o.AuthenticatorSelection.UserVerification = webauthn.Discouraged
				c.change(o)
			}))
			require.NoError(t, err)
			if c.spared {
				assert.Equal(t, "a new key handle", string(made.ID))
				assert.Empty(t, user.asked())
				assert.Equal(t, []string{webauthn.TransportNFC, webauthn.TransportUSB}, made.Response.Transports, "as getInfo says")
				return
			}
			assert.Equal(t, "a new credential", string(made.ID))
			assert.Empty(t, key.sentence())
		})
	}
}

func (d *device) with(option string) *device {
	d.info.Options[option] = true
	return d
}

// What the key holds by CTAP2, U2F might not know: the exclude list is held to
// both.
func TestU2FDoesNotForgetTheExcludeList(t *testing.T) {
	t.Parallel()
	d, key := pinned("1234").older().holding("alice"), oldKey()
	_, err := newBothClient(t, d, key, typing("1234").into).Create(t.Context(), page, creating(webauthn.Discouraged, func(o *webauthn.CreationOptions) {
		o.ExcludeCredentials = descriptorList("id of alice")
	}))
	exception(t, err, webauthn.InvalidStateError)
	assert.Empty(t, key.sentence())

	cable := exchange(func(ctx context.Context, raw []byte) ([]byte, error) {
		if ctap.Command(raw[0]) == ctap.CommandGetAssertion {
			return nil, errors.New("unplugged")
		}
		return d.Exchange(ctx, raw)
	})
	_, err = newBothClient(t, d, key, func(c *client.Config) {
		c.Authenticators = client.Attached(client.Authenticator{Name: "both", Transport: cable, U2F: key})
	}).Create(t.Context(), page, creating(webauthn.Discouraged, func(o *webauthn.CreationOptions) {
		o.ExcludeCredentials = descriptorList("id of alice")
	}))
	assert.ErrorContains(t, exception(t, err, webauthn.NotAllowedError).Cause, "unplugged")
	assert.Empty(t, key.sentence())
}

// Whoever fails to say by CTAP2 what it is may still speak U2F.
func TestU2FWhereGetInfoFails(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{"by a status": ctap.InvalidCommand, "without any": errors.New("no such command")} {
		d, key := securityKey(), oldKey()
		d.onInfo = func(context.Context) error { return failure }
		made, err := newBothClient(t, d, key).Create(t.Context(), page, creationOptions())
		require.NoError(t, err, name)
		assert.Equal(t, "a new key handle", string(made.ID), name)

		key.version = "U2F_V9"
		_, err = newBothClient(t, d, key).Create(t.Context(), page, creationOptions())
		cause := exception(t, err, webauthn.NotAllowedError).Cause
		assert.ErrorIs(t, cause, ctap.StatusOf(failure), "%s: both reasons are told", name)
		assert.ErrorContains(t, cause, "U2F_V9", name)
	}
	none, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "nothing"})})
	require.NoError(t, err)
	_, err = none.Create(t.Context(), page, creationOptions())
	assert.ErrorContains(t, exception(t, err, webauthn.NotAllowedError).Cause, "nothing: getInfo: it has no transport")
}

// All blink, and whichever is touched first wins, by whatever it is spoken to.
func TestU2FAmongOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow, quick := oldKey(), oldKey("mine")
		slow.absent, quick.absent = never, 3
		stuck := securityKey()
		stuck.onMake = func(ctx ctx, _ *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		browser, err := client.New(client.Config{Authenticators: client.Attached(
			client.Authenticator{Name: "slow", U2F: slow}, client.Authenticator{Name: "stuck", Transport: stuck}, client.Authenticator{Name: "quick", U2F: quick},
		)})
		require.NoError(t, err)
		made, err := browser.Create(t.Context(), page, creationOptions())
		require.NoError(t, err)
		assert.Equal(t, "a new key handle", string(made.ID))

		quick.absent = 3
		_, err = browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.ExcludeCredentials = descriptorList("mine") }))
		exception(t, err, webauthn.InvalidStateError)
	})
}
