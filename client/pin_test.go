package client_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// keyboard is a client.PINEntry whose user types what is on the list, and
// cancels at its end.
type keyboard struct {
	mu      sync.Mutex
	types   []string
	prompts []client.PINPrompt
}

func (k *keyboard) PIN(_ context.Context, prompt client.PINPrompt) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.prompts = append(k.prompts, prompt)
	if len(k.types) == 0 {
		return "", client.ErrCancelled
	}
	pin := k.types[0]
	k.types = k.types[1:]
	return pin, nil
}

// asked tells the reasons of all prompts.
func (k *keyboard) asked() (reasons []client.PINReason) {
	for _, p := range k.prompts {
		reasons = append(reasons, p.Reason)
	}
	return reasons
}

func typing(pins ...string) *keyboard { return &keyboard{types: pins} }

func (k *keyboard) into(c *client.Config) { c.PIN = k }

// creating and getting with user verification as asked.
func creating(uv webauthn.Requirement, change ...func(*webauthn.CreationOptions)) *webauthn.CreationOptions {
	return creationOptions(append(change, func(o *webauthn.CreationOptions) { o.AuthenticatorSelection.UserVerification = uv })...)
}

func getting(uv webauthn.Requirement, change ...func(*webauthn.RequestOptions)) *webauthn.RequestOptions {
	return requestOptions(append(change, func(o *webauthn.RequestOptions) { o.UserVerification = uv })...)
}

func pinCalls(d *device) (subs []ctap.SubCommand) {
	for _, req := range sent[*ctap.ClientPINRequest](d) {
		subs = append(subs, req.SubCommand)
	}
	return subs
}

// TestPIN verifies by PIN in both ceremonies. The device checks the
// pinUvAuthParam, so that what is left to look at is what was asked for.
func TestPIN(t *testing.T) {
	t.Parallel()
	for name, protocols := range map[string][]uint64{"two": {2, 1}, "one": {1, 2}, "unknown first": {9, 2}, "unsaid": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, user := pinned("1234").holding("alice"), typing("1234", "1234")
			d.info.PinUvAuthProtocols = protocols
			browser := newClient(t, only(d), user.into)
			made, err := browser.Create(t.Context(), page, creating(webauthn.Required))
			require.NoError(t, err)
			data, err := webauthn.ParseAuthenticatorData(made.Response.AuthenticatorData)
			require.NoError(t, err)
			assert.True(t, data.Flags.Has(webauthn.UserVerified))
			assert.Equal(t, []client.PINPrompt{{Authenticator: "0", Reason: client.PINEnter, Retries: 8}}, user.prompts)

			got, err := browser.Get(t.Context(), page, getting(webauthn.Preferred))
			require.NoError(t, err)
			data, err = webauthn.ParseAuthenticatorData(got.Response.AuthenticatorData)
			require.NoError(t, err)
			assert.True(t, data.Flags.Has(webauthn.UserVerified))

			assert.Nil(t, sent[*ctap.MakeCredentialRequest](d)[0].Options, "option uv does not go with a token")
			assert.Nil(t, sent[*ctap.GetAssertionRequest](d)[0].Options)
			var tokens []ctap.Permissions
			for _, req := range sent[*ctap.ClientPINRequest](d) {
				if req.SubCommand == ctap.GetPinUvAuthTokenUsingPinWithPermissions {
					tokens = append(tokens, *req.Permissions)
					assert.Equal(t, site, *req.RPID)
				}
			}
			assert.Equal(t, []ctap.Permissions{ctap.PermissionMakeCredential, ctap.PermissionGetAssertion}, tokens)
		})
	}
}

// TestPINIsAskedForWhenNeeded varies who wants verification.
func TestPINIsAskedForWhenNeeded(t *testing.T) {
	t.Parallel()
	off := func(id string) func(*device) { return func(d *device) { delete(d.info.Options, id) } }
	on := func(id string) func(*device) { return func(d *device) { d.info.Options[id] = true } }
	rk := func(o *webauthn.CreationOptions) { o.AuthenticatorSelection.ResidentKey = webauthn.Required }
	cases := []struct {
		name   string
		device func(*device)
		uv     webauthn.Requirement
		rk     bool
		create bool // whether create() asks
		get    bool // whether get() does
	}{
		{"required", nil, webauthn.Required, false, true, true},
		{"preferred", nil, webauthn.Preferred, false, true, true},
		{"absent", nil, "", false, true, true},
		{"discouraged", nil, webauthn.Discouraged, false, false, false},
		{"discouraged, discoverable", nil, webauthn.Discouraged, true, true, false},
		{"discouraged, needed to make anything", off(ctap.OptionMakeCredUvNotRqd), webauthn.Discouraged, false, true, false},
		{"discouraged, always on", on(ctap.OptionAlwaysUv), webauthn.Discouraged, false, true, true},
		{"no ceremonies by PIN", on(ctap.OptionNoMcGaPermissionsWithClientPin), webauthn.Preferred, false, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, user := pinned("1234").holding("alice"), typing("1234")
			if c.device != nil {
				c.device(d)
			}
			options := creating(c.uv)
			if c.rk {
				rk(options)
			}
			_, err := newClient(t, only(d), user.into).Create(t.Context(), page, options)
			require.NoError(t, err)
			assert.Equal(t, c.create, len(user.prompts) == 1)

			user = typing("1234")
			_, err = newClient(t, only(d), user.into).Get(t.Context(), page, getting(c.uv))
			require.NoError(t, err)
			assert.Equal(t, c.get, len(user.prompts) == 1)
		})
	}
}

// TestNobodyToTypeAPIN has no keyboard: a key with nothing but a PIN verifies
// nobody.
func TestNobodyToTypeAPIN(t *testing.T) {
	t.Parallel()
	d := pinned("1234").holding("alice")
	_, err := newClient(t, only(d)).Get(t.Context(), page, getting(webauthn.Required))
	exception(t, err, webauthn.NotAllowedError)
	_, err = newClient(t, only(d)).Get(t.Context(), page, getting(webauthn.Preferred))
	require.NoError(t, err)
	assert.Empty(t, pinCalls(d))
}

func TestWrongPIN(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234").holding("alice"), typing("4321", "0000", "1234")
	_, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required))
	require.NoError(t, err)
	assert.Equal(t, []client.PINPrompt{
		{Authenticator: "0", Reason: client.PINEnter, Retries: 8},
		{Authenticator: "0", Reason: client.PINAgain, Retries: 7},
		{Authenticator: "0", Reason: client.PINAgain, Retries: 6},
	}, user.prompts)
	assert.Equal(t, []ctap.SubCommand{
		ctap.GetPINRetries, ctap.GetKeyAgreement, ctap.GetPinUvAuthTokenUsingPinWithPermissions,
		ctap.GetPINRetries, ctap.GetKeyAgreement, ctap.GetPinUvAuthTokenUsingPinWithPermissions,
		ctap.GetPINRetries, ctap.GetKeyAgreement, ctap.GetPinUvAuthTokenUsingPinWithPermissions,
	}, pinCalls(d), "the key changes with each wrong PIN")
}

// TestPINTroubles ends ceremonies. The page learns nothing; the cause tells the
// status and what to do.
func TestPINTroubles(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		device  func(*pinKey)
		types   []string
		status  error
		advice  string
		prompts int
	}{
		{"cancelled", nil, nil, client.ErrCancelled, "", 1},
		{"cancelled after a miss", nil, []string{"4321"}, client.ErrCancelled, "", 2},
		{"three misses", nil, []string{"1111", "2222", "3333", "4444"}, ctap.PINAuthBlocked, "unplug", 3},
		{"the last attempt", func(k *pinKey) { k.retries = 1 }, []string{"1111", "2222"}, ctap.PINBlocked, "reset", 1},
		{"blocked before", func(k *pinKey) { k.retries = 0 }, []string{"1234"}, ctap.PINBlocked, "reset", 0},
		{"to be unplugged before", func(k *pinKey) { k.misses = 3 }, []string{"1234"}, ctap.PINAuthBlocked, "unplug", 0},
		{"without key agreement", func(k *pinKey) {
			k.before = func(req *ctap.ClientPINRequest) error {
				if req.SubCommand == ctap.GetKeyAgreement {
					return ctap.Other
				}
				return nil
			}
		}, []string{"1234"}, ctap.Other, "", 1},
		{"never content", func(k *pinKey) {
			k.before = func(req *ctap.ClientPINRequest) error {
				if req.SubCommand == ctap.GetPinUvAuthTokenUsingPinWithPermissions {
					return ctap.PINInvalid
				}
				return nil
			}
		}, strings.Split(strings.Repeat("1234 ", 30), " "), nil, "rounds", 16},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, user := pinned("1234").holding("alice"), typing(c.types...)
			if c.device != nil {
				c.device(d.pin)
			}
			_, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required))
			e := exception(t, err, webauthn.NotAllowedError)
			assert.Equal(t, client.NotAllowedMessage, e.Message)
			assert.ErrorContains(t, e.Cause, c.advice)
			if c.status != nil {
				assert.ErrorIs(t, e.Cause, c.status)
			}
			assert.Len(t, user.prompts, c.prompts)
			assert.Empty(t, sent[*ctap.GetAssertionRequest](d))
		})
	}
}

// TestPINRules keeps what cannot be a PIN from costing an attempt, and has all
// PINs in Normalization Form C.
func TestPINRules(t *testing.T) {
	t.Parallel()
	d := pinned("é€né")
	user := typing("", strings.Repeat("x", 64), "ab\x00", "\xff\xff", "e\u0301€ne\u0301")
	_, err := newClient(t, only(d), user.into).Create(t.Context(), page, creating(webauthn.Required))
	require.NoError(t, err)
	assert.Equal(t, uint64(8), d.pin.retries)
	var refused []string
	for _, p := range user.prompts {
		refused = append(refused, p.Refused)
	}
	assert.Equal(t, []string{
		"", "it is empty", "it takes 64 bytes, at most 63 are allowed", "it ends in a zero byte", "it is not text",
	}, refused)

	user = typing(make([]string, 20)...)
	_, err = newClient(t, only(d), user.into).Create(t.Context(), page, creating(webauthn.Required))
	exception(t, err, webauthn.NotAllowedError)
	assert.Len(t, user.prompts, 8, "a script that never learns is stopped")
}

// TestOldPINKey has a key of CTAP 2.0, whose tokens know no permissions.
func TestOldPINKey(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234").holding("alice"), typing("1234", "1234")
	delete(d.info.Options, ctap.OptionPinUvAuthToken)
	d.info.Versions = []string{ctap.VersionFIDO20}
	browser := newClient(t, only(d), user.into)
	_, err := browser.Create(t.Context(), page, creating(webauthn.Required))
	require.NoError(t, err)
	_, err = browser.Get(t.Context(), page, getting(webauthn.Required))
	require.NoError(t, err)
	for _, req := range sent[*ctap.ClientPINRequest](d) {
		assert.NotEqual(t, ctap.GetPinUvAuthTokenUsingPinWithPermissions, req.SubCommand)
		assert.Nil(t, req.Permissions)
		assert.Nil(t, req.RPID)
	}
	assert.Contains(t, pinCalls(d), ctap.GetPINToken)
}

// TestTokenIsUsedOnce has a full key refuse a discoverable credential: the
// token is gone, the PIN is still known.
func TestTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234"), typing("1234")
	d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		answer, err := d.make(req)
		if err == nil && describe(req.Options) == "rk" {
			return nil, ctap.KeyStoreFull // after the token was consumed (§6.1.2 step 14)
		}
		return answer, err
	}
	_, err := newClient(t, only(d), user.into).Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) {
		o.AuthenticatorSelection.ResidentKey = webauthn.Preferred
	}))
	require.NoError(t, err)
	assert.Equal(t, 2, d.pin.begun)
	assert.Len(t, user.prompts, 1)
}

// TestProbesCarryTheToken lets credentials be found that are hidden without
// user verification.
func TestProbesCarryTheToken(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234").holding("alice"), typing("1234", "1234")
	d.info.MaxCredentialCountInList = 1
	d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		if req.PinUvAuthParam == nil {
			return nil, ctap.NoCredentials
		}
		return d.assert(req)
	}
	browser, list := newClient(t, only(d), user.into), descriptorList("stranger", "id of alice")
	_, err := browser.Get(t.Context(), page, getting(webauthn.Required, func(o *webauthn.RequestOptions) { o.AllowCredentials = list }))
	require.NoError(t, err)
	_, err = browser.Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) { o.ExcludeCredentials = list }))
	exception(t, err, webauthn.InvalidStateError)
	assert.Equal(t, 2, d.pin.begun, "one token for probes and request")
}

// TestNoPINForNothing does not ask where no id of the list can be the key's.
func TestNoPINForNothing(t *testing.T) {
	t.Parallel()
	d, user := pinned("1234").holding("alice"), typing("1234")
	d.info.MaxCredentialIDLength = 3
	_, err := newClient(t, only(d), user.into).Get(t.Context(), page, getting(webauthn.Required, func(o *webauthn.RequestOptions) {
		o.AllowCredentials = descriptorList("id of alice")
	}))
	exception(t, err, webauthn.NotAllowedError)
	assert.Empty(t, user.prompts)
}
