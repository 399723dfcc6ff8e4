package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TestPINIsSet has create() require verification of a key that has no PIN yet.
func TestPINIsSet(t *testing.T) {
	t.Parallel()
	d, user := pinned(""), typing("123456", "1234567", "12345678")
	d.info.MinPINLength, d.info.MaxPINLength = 7, 20
	d.pin.likes = func(pin string) bool { return pin != "1234567" }
	info, told := d.info, new(ctap.GetInfoResponse)
	browser, err := client.New(client.Config{PIN: user, Authenticators: client.Attached(client.Authenticator{
		Name: "key", Transport: d, Info: &info, Changed: func(now *ctap.GetInfoResponse) { told = now },
	})})
	require.NoError(t, err)
	made, err := browser.Create(t.Context(), page, creating(webauthn.Required))
	require.NoError(t, err)
	data, err := webauthn.ParseAuthenticatorData(made.Response.AuthenticatorData)
	require.NoError(t, err)
	assert.True(t, data.Flags.Has(webauthn.UserVerified))
	assert.Equal(t, "12345678", d.pin.pin)
	assert.True(t, told.Options[ctap.OptionClientPIN], "who keeps what getInfo says learns of it")
	assert.False(t, info.Options[ctap.OptionClientPIN] && &info == told, "and what they gave is left alone")
	prompt := client.PINPrompt{Authenticator: "key", Reason: client.PINSet, MinLength: 7, MaxLength: 20}
	short, weak := prompt, prompt
	short.Refused = "it has 6 characters, 7 to 20 are allowed"
	weak.Refused = "the authenticator does not accept it as a PIN"
	assert.Equal(t, []client.PINPrompt{prompt, short, weak}, user.prompts)
	assert.Equal(t, []ctap.SubCommand{
		ctap.GetKeyAgreement, ctap.SetPIN, ctap.SetPIN, ctap.GetPinUvAuthTokenUsingPinWithPermissions,
	}, pinCalls(d))
}

// TestPINIsNotSet where nobody requires it, and never in get().
func TestPINIsNotSet(t *testing.T) {
	t.Parallel()
	d, user := pinned("").holding("alice"), typing("1234")
	browser := newClient(t, only(d), user.into)
	_, err := browser.Create(t.Context(), page, creating(webauthn.Preferred))
	require.NoError(t, err)
	_, err = browser.Get(t.Context(), page, getting(webauthn.Preferred))
	require.NoError(t, err)
	_, err = browser.Get(t.Context(), page, getting(webauthn.Required))
	exception(t, err, webauthn.NotAllowedError)
	assert.Empty(t, pinCalls(d))

	always := pinned("")
	always.info.Options[ctap.OptionAlwaysUv] = true
	_, err = newClient(t, only(always), user.into).Create(t.Context(), page, creating(webauthn.Discouraged))
	require.NoError(t, err)
	assert.Equal(t, "1234", always.pin.pin, "it does nothing without verification")
}

func TestPINHasToChange(t *testing.T) {
	t.Parallel()
	enter, again, change := client.PINEnter, client.PINAgain, client.PINChange
	cases := []struct {
		name   string
		device func(*device)
		types  []string
		asked  []client.PINReason
	}{
		{"announced", func(d *device) { d.info.ForcePINChange = new(true) }, []string{"1234", "abcdef"}, []client.PINReason{enter, change}},
		{"not announced", func(d *device) { d.pin.stale = true }, []string{"1234", "abcdef"}, []client.PINReason{enter, change}},
		{"the old one wrong at first", func(d *device) { d.info.ForcePINChange = new(true) }, []string{"4321", "abcdef", "1234", "abcdef"},
			[]client.PINReason{enter, change, again, change}},
		{"the new one refused at first", func(d *device) {
			d.info.ForcePINChange = new(true)
			d.pin.likes = func(pin string) bool { return pin == "abcdef" }
		}, []string{"1234", "1234", "abcdef"}, []client.PINReason{enter, change, change}},
		{"the old one shorter than is allowed now", func(d *device) {
			d.info.ForcePINChange, d.info.MinPINLength = new(true), 6
		}, []string{"1234", "abcdef"}, []client.PINReason{enter, change}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, user := pinned("1234").holding("alice"), typing(c.types...)
			c.device(d)
			_, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required))
			require.NoError(t, err)
			assert.Equal(t, "abcdef", d.pin.pin)
			assert.Equal(t, c.asked, user.asked())
		})
	}
}

// TestNoPINIsGoodEnough has a policy that likes none.
func TestNoPINIsGoodEnough(t *testing.T) {
	t.Parallel()
	d, user := pinned(""), typing("1", "123456", "123456", "123456", "123456", "123456", "123456", "123456", "123456", "123456")
	d.pin.likes = func(string) bool { return false }
	_, err := newClient(t, only(d), user.into).Create(t.Context(), page, creating(webauthn.Required))
	exception(t, err, webauthn.NotAllowedError)
	assert.Empty(t, d.pin.pin)
	assert.Len(t, user.prompts, 9)
}

// TestPINWasUnsetMeanwhile: what getInfo said is out of date.
func TestPINWasUnsetMeanwhile(t *testing.T) {
	t.Parallel()
	for uv, asked := range map[webauthn.Requirement][]client.PINReason{
		webauthn.Required:  {client.PINEnter, client.PINSet},
		webauthn.Preferred: {client.PINEnter},
	} {
		d, user := pinned("1234"), typing("1234", "123456")
		d.pin.pin = ""
		_, err := newClient(t, only(d), user.into).Create(t.Context(), page, creating(uv))
		assert.Equal(t, asked, user.asked())
		if uv == webauthn.Required {
			require.NoError(t, err)
			continue
		}
		assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, ctap.PINNotSet)
	}
}

// TestNewPINIsKnown has the key run full after the PIN was set: what it says of
// itself has changed since the ceremony began.
func TestNewPINIsKnown(t *testing.T) {
	t.Parallel()
	d, user := pinned(""), typing("123456")
	d.onMake = func(_ ctx, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		answer, err := d.make(req)
		if err == nil && describe(req.Options) == "rk" {
			return nil, ctap.KeyStoreFull
		}
		return answer, err
	}
	_, err := newClient(t, only(d), user.into).Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) {
		o.AuthenticatorSelection.ResidentKey = webauthn.Preferred
	}))
	require.NoError(t, err)
	assert.Equal(t, []client.PINReason{client.PINSet}, user.asked())
}
