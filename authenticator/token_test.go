package authenticator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

const (
	mc   = ctap.PermissionMakeCredential
	ga   = ctap.PermissionGetAssertion
	cm   = ctap.PermissionCredentialManagement
	lbw  = ctap.PermissionLargeBlobWrite
	acfg = ctap.PermissionAuthenticatorConfig
	be   = ctap.PermissionBioEnrollment
	pcmr = ctap.PermissionPersistentReadOnly
)

// One row per rule of the three ways to a token (CTAP 2.3 §6.5.5.7), on a key
// with a PIN and built-in user verification, or the model of the row.
func TestTokenSteps(t *testing.T) {
	t.Parallel()
	bare := func(r *pinRequest) { r.Permissions, r.RPID, r.SubCommand = nil, nil, ctap.GetPINToken }
	withBio := ptr(authenticator.BioKey())
	noMcGa := ptr(pinKey(func(m *authenticator.Model) { m.PIN.NoMcGa = true }))
	noUV := ptr(pinKey())
	plainConfig := ptr(keyOf(func(m *authenticator.Model) { m.Config.ByUV = false }))
	cases := []struct {
		name        string
		model       *authenticator.Model
		pin         string // "" = by built-in user verification
		permissions ctap.Permissions
		rpID        string
		change      func(*pinRequest)
		user        func(*authenticator.ScriptedUser)
		want        ctap.Status
	}{
		{name: "7.1: getPinToken", pin: pin, change: bare},
		{name: "7.1 step 1: keyAgreement missing", pin: pin, change: func(r *pinRequest) { bare(r); r.KeyAgreement = nil }, want: ctap.MissingParameter},
		{name: "7.1 step 2: protocol unsupported", pin: pin, change: func(r *pinRequest) { bare(r); r.PinUvAuthProtocol = ptr(uint64(7)) }, want: ctap.InvalidParameter},
		{name: "7.1 step 3: permissions present", pin: pin, permissions: mc, change: func(r *pinRequest) { r.SubCommand = ctap.GetPINToken }, want: ctap.InvalidParameter},
		{name: "7.1 step 4: rpId present", pin: pin, change: func(r *pinRequest) { bare(r); r.RPID = ptr("example.com") }, want: ctap.InvalidParameter},
		{name: "7.1 step 9: wrong PIN", pin: "0000", change: bare, want: ctap.PINInvalid},

		{name: "7.2: by PIN", pin: pin, permissions: mc | ga, rpID: "example.com"},
		{name: "7.2 step 1: permissions missing", pin: pin, change: func(r *pinRequest) { r.Permissions = nil }, want: ctap.MissingParameter},
		{name: "7.2 step 1: pinHashEnc missing", pin: pin, permissions: cm, change: func(r *pinRequest) { r.PINHashEnc = nil }, want: ctap.MissingParameter},
		{name: "7.2 step 1: rpId missing for mc", pin: pin, permissions: mc, want: ctap.MissingParameter},
		{name: "7.2 step 1: rpId missing for ga", pin: pin, permissions: ga | cm, want: ctap.MissingParameter},
		{name: "7.2 step 3: no permission", pin: pin, want: ctap.InvalidParameter},
		{name: "7.2 step 4: cm", pin: pin, permissions: cm},
		{name: "7.2 step 4: cm where there is no credMgmt", pin: pin, permissions: cm, model: without(func(m *authenticator.Model) {
			m.CredMgmt, m.CredMgmtReadOnly, m.Previews, m.Versions = false, false, false, []string{ctap.VersionFIDO21}
		}), want: ctap.UnauthorizedPermission},
		{name: "7.2 step 4: be without bioEnroll", pin: pin, permissions: be, want: ctap.UnauthorizedPermission},
		{name: "7.2 step 4: be with it", pin: pin, permissions: be, model: withBio},
		{name: "7.2 step 4: lbw", pin: pin, permissions: lbw},
		{name: "7.2 step 4: acfg", pin: pin, permissions: acfg},
		{name: "7.2 step 4: mc where PINs do not serve ceremonies", pin: pin, permissions: mc, rpID: "example.com", model: noMcGa, want: ctap.UnauthorizedPermission},
		{name: "7.2 step 4: pcmr alone", pin: pin, permissions: pcmr},
		{name: "7.2 step 4: pcmr in company", pin: pin, permissions: pcmr | cm, want: ctap.UnauthorizedPermission},
		{name: "7.2 step 4: undefined bits are ignored", pin: pin, permissions: cm | 1<<20},
		{name: "7.2 step 9: wrong PIN", pin: "0000", permissions: cm, want: ctap.PINInvalid},

		{name: "7.3: by user verification", permissions: mc | ga, rpID: "example.com"},
		{name: "7.3 step 1: rpId missing for ga", permissions: ga, want: ctap.MissingParameter},
		{name: "7.3 step 3: no permission", want: ctap.InvalidParameter},
		{name: "7.3 step 4: acfg with uvAcfg", permissions: acfg},
		{name: "7.3 step 4: acfg without", permissions: acfg, model: plainConfig, want: ctap.UnauthorizedPermission},
		{name: "7.3 step 5: nothing enrolled", permissions: cm, model: withBio, want: ctap.NotAllowed},
		{name: "7.3: no such subcommand without built-in UV", permissions: cm, model: noUV, want: ctap.InvalidSubcommand},
		{name: "7.3 step 10: user lets it pass", permissions: cm, user: doing(authenticator.TimeOut), want: ctap.UserActionTimeout},
		{name: "7.3 step 10: user declines", permissions: cm, user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{name: "7.3 step 10: wrong finger", permissions: cm, user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.UVInvalid},
		{name: "7.3 step 10: wrong finger until blocked", permissions: cm, model: without(func(m *authenticator.Model) { m.UVRetries = 2 }),
			user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.UVBlocked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			model := authenticator.SecurityKey()
			if c.model != nil {
				model = *c.model
			}
			r := newRig(t, model)
			p := r.withPIN()
			if c.user != nil {
				c.user(r.user)
			}
			if c.change == nil {
				c.change = func(*pinRequest) {}
			}
			err := p.grant(c.pin, c.permissions, c.rpID, c.change)
			assert.Equal(t, c.want, ctap.StatusOf(err), "%v", err)
			if err == nil {
				assert.Len(t, p.token, 32)
			}
		})
	}
}

// keyOf is a security key with something different about it.
func keyOf(change ...func(*authenticator.Model)) authenticator.Model {
	return *changed(ptr(authenticator.SecurityKey()), change)
}

func without(change func(*authenticator.Model)) *authenticator.Model { return ptr(keyOf(change)) }

// usable reports whether the token still opens getAssertion.
func (p *platform) usable() bool {
	p.r.t.Helper()
	status := p.r.status(signIn(p.asserting, func(req *ctap.GetAssertionRequest) { req.Options = &ctap.Options{UP: ptr(false)} }))
	require.Contains(p.r.t, []ctap.Status{ctap.OK, ctap.PINAuthInvalid}, status)
	return status == ctap.OK
}

// The clock is set to each moment since the token was granted, one after the
// other (§6.5.2.1).
func TestTokenTimers(t *testing.T) {
	t.Parallel()
	const s = time.Second
	type moment struct {
		at   time.Duration
		want bool
	}
	for _, c := range []struct {
		name      string
		transport string
		moments   []moment
	}{
		{"unused for its first limit", "usb", []moment{{30*s + 1, false}}},
		{"used in time", "usb", []moment{{30 * s, true}, {500 * s, true}, {600 * s, true}, {600*s + 1, false}}},
		{"once expired it stays so", "usb", []moment{{601 * s, false}, {s, false}}},
		{"NFC is shorter", "nfc", []moment{{19800*time.Millisecond + 1, false}}},
		{"NFC in time", "nfc", []moment{{19800 * time.Millisecond, true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, keyOf(func(m *authenticator.Model) { m.Transports = []string{c.transport} }))
			p := r.withPIN().granted(ga, "example.com")
			p.makeOne()
			p.granted(ga, "example.com")
			granted := r.clock.Now()
			for _, m := range c.moments {
				r.clock.Set(granted.Add(m.at))
				assert.Equal(t, m.want, p.usable(), "%v", m.at)
			}
		})
	}
}

// makeOne makes a credential with a token of its own.
func (p *platform) makeOne() {
	p.r.t.Helper()
	p.granted(mc, "example.com")
	p.r.create(p.creating)
}

// A failed verification is no use, and does not keep a token alive.
func TestFailedUseDoesNotCount(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	p.makeOne()
	p.granted(ga, "example.com")
	wrong := signIn(p.asserting)
	wrong.PinUvAuthParam = flip(wrong.PinUvAuthParam)
	require.Equal(t, ctap.PINAuthInvalid, r.status(wrong))
	r.clock.Advance(31 * time.Second)
	assert.False(t, p.usable())
}

// Built-in user verification that was a touch too spares the second one, for as
// long as the user present time limit.
func TestTokenRemembersPresence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		pin   string
		after time.Duration
		asked int
	}{
		{"by touch, at once", "", 0, 0},
		{"by touch, just in time", "", 30 * time.Second, 0},
		{"by PIN", pin, 0, 1},
	} {
		r := newRig(t, authenticator.SecurityKey())
		p := r.withPIN()
		p.makeOne()
		require.NoError(t, p.grant(c.pin, ga, "example.com"))
		before := len(r.user.Asked())
		r.clock.Advance(c.after)
		r.assert(p.asserting)
		assert.Len(t, r.user.Asked(), before+c.asked, c.name)
	}
}

// Granting a token, by whichever protocol, ends the one before (§6.5.2.1).
func TestOneTokenAtATime(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	two := r.withPIN()
	two.makeOne()
	two.granted(ga, "example.com")
	one := r.platform(pinuv.One).granted(ga, "example.com")
	assert.False(t, two.usable())
	assert.True(t, one.usable())
	other := *one
	other.protocol = pinuv.Two
	assert.False(t, other.usable(), "a token serves its own protocol")
	r.PowerCycle()
	assert.False(t, one.usable())
}

func TestTokenIsBoundToAnRPID(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	elsewhere := func(req *ctap.MakeCredentialRequest) { req.RP.ID = "other.example" }
	p.granted(mc, "example.com")
	assert.Equal(t, ctap.PINAuthInvalid, r.status(creation(p.creating, elsewhere)), "asked for")
	r.create(p.creating)

	bare := func(r *pinRequest) { r.Permissions, r.RPID, r.SubCommand = nil, nil, ctap.GetPINToken }
	require.NoError(t, p.grant(pin, 0, "", bare))
	silently := func(req *ctap.GetAssertionRequest) { p.asserting(req); req.Options = &ctap.Options{UP: ptr(false)} }
	require.Equal(t, ctap.OK, r.status(signIn(silently)), "a token of getPinToken binds itself")
	assert.Equal(t, ctap.PINAuthInvalid, r.status(creation(p.creating, elsewhere)), "at its first use")
	assert.Equal(t, ctap.OK, r.status(creation(p.creating)))
}

// After a ceremony with presence a token has no permission left but lbw; a
// silent one takes nothing (§6.1.2 step 14.4).
func TestCeremoniesSpendTheToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	p.makeOne()
	p.granted(mc|ga|lbw, "example.com")
	assert.True(t, p.usable())
	assert.True(t, p.usable(), "silence does not spend")
	r.assert(p.asserting)
	assert.False(t, p.usable())
	assert.Equal(t, ctap.PINAuthInvalid, r.status(creation(p.creating)))
}

func TestForcedChangeRefusesTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	held, err := r.store.Load(t.Context())
	require.NoError(t, err)
	held.Settings.ForcePINChange = true
	require.NoError(t, r.store.Commit(t.Context(), authenticator.Change{Settings: &held.Settings}))
	bare := func(r *pinRequest) { r.Permissions, r.RPID, r.SubCommand = nil, nil, ctap.GetPINToken }
	assert.ErrorIs(t, p.grant(pin, 0, "", bare), ctap.PINInvalid)
	assert.ErrorIs(t, p.grant(pin, cm, ""), ctap.PINPolicyViolation)
	assert.NoError(t, p.grant("", cm, ""), "built-in user verification is not concerned")
	assert.True(t, *r.info().ForcePINChange)
	assert.Equal(t, ctap.PINPolicyViolation, p.changePIN(pin, pin), "the same PIN is no change")
	assert.Equal(t, ctap.OK, p.changePIN(pin, "314159"))
	assert.False(t, *r.info().ForcePINChange)
}

// A right PIN also unblocks built-in user verification (§6.5.2.3).
func TestPINUnblocksUV(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	uvRetries := func() uint64 {
		resp, err := ctap.Call(t.Context(), r, &pinRequest{SubCommand: ctap.GetUVRetries})
		require.NoError(t, err)
		return *resp.UVRetries
	}
	assert.Equal(t, uint64(8), uvRetries())
	r.user.WrongFinger(8)
	for range 2 {
		assert.ErrorIs(t, p.grant("", cm, ""), ctap.UVInvalid)
	}
	assert.ErrorIs(t, p.grant("", cm, ""), ctap.UVBlocked)
	assert.Zero(t, uvRetries())
	assert.Equal(t, uint64(8), *r.info().UvCountSinceLastPinEntry)
	r.PowerCycle()
	assert.ErrorIs(t, p.grant("", cm, ""), ctap.UVBlocked, "it stays blocked")
	require.Equal(t, ctap.OK, p.try(pin))
	assert.Equal(t, uint64(8), uvRetries())
	assert.Zero(t, *r.info().UvCountSinceLastPinEntry)
	assert.NoError(t, p.grant("", cm, ""))
}

// The persistent token outlives power cycles, is always the same, and leaves
// the other alone (§6.5.2.2); only with it can the device be recognised (§6.4).
func TestPersistentToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	p.makeOne()
	assert.Nil(t, r.info().EncIdentifier)
	normal := r.platform(pinuv.Two).granted(ga, "example.com")
	p.granted(pcmr, "")
	assert.True(t, normal.usable())
	first := p.token
	r.PowerCycle()
	require.NoError(t, p.grant("", pcmr, ""))
	assert.Equal(t, first, p.token)

	one, two := r.info(), r.info()
	assert.NotEqual(t, one.EncIdentifier, two.EncIdentifier, "a fresh IV each time")
	identity := reveal(t, p.token, "encIdentifier", one.EncIdentifier)
	assert.Equal(t, identity, reveal(t, p.token, "encIdentifier", two.EncIdentifier))
	state := reveal(t, p.token, "encCredStoreState", one.EncCredStoreState)
	p.makeOne()
	require.NoError(t, p.grant(pin, pcmr, ""))
	assert.NotEqual(t, state, reveal(t, p.token, "encCredStoreState", r.info().EncCredStoreState), "a credential came")
	assert.Equal(t, identity, reveal(t, p.token, "encIdentifier", r.info().EncIdentifier))

	require.Equal(t, ctap.OK, p.changePIN(pin, "314159"))
	assert.Nil(t, r.info().EncIdentifier)
	require.NoError(t, p.grant("314159", pcmr, ""))
	assert.NotEqual(t, first, p.token)
}
