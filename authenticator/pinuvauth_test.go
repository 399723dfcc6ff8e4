package authenticator_test

import (
	"bytes"
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// protectedDevice is what the two tables below run on.
type protectedDevice struct {
	model authenticator.Model
	pin   bool // set
}

func alwaysUv(m *authenticator.Model) { m.AlwaysUv = authenticator.FactoryOn }

var (
	bareKey        = protectedDevice{model: pinKey()}
	keyWithPIN     = protectedDevice{pinKey(), true}
	keyWithUV      = protectedDevice{model: authenticator.SecurityKey()}
	keyWithBoth    = protectedDevice{authenticator.SecurityKey(), true}
	strictPIN      = protectedDevice{pinKey(func(m *authenticator.Model) { m.MakeCredUVNotRqd = false }), true}
	noCeremonies   = protectedDevice{pinKey(func(m *authenticator.Model) { m.PIN.NoMcGa = true }), true}
	alwaysBare     = protectedDevice{model: pinKey(alwaysUv)}
	alwaysPIN      = protectedDevice{pinKey(alwaysUv), true}
	alwaysUV       = protectedDevice{model: keyOf(alwaysUv)}
	alwaysNoMcGa   = protectedDevice{pinKey(alwaysUv, func(m *authenticator.Model) { m.PIN.NoMcGa = true }), true}
	alwaysNothing  = protectedDevice{model: keyWith(func(m *authenticator.Model) { m.UV = authenticator.NoUV; alwaysUv(m) })}
	touch          = authenticator.ConfirmNew
	noPrompt       = []authenticator.PromptKind{}
	emptyParam     = func(r *ctap.MakeCredentialRequest) { r.PinUvAuthParam = []byte{} }
	emptyGetParam  = func(r *ctap.GetAssertionRequest) { r.PinUvAuthParam = []byte{} }
	noOptions      = func(r *ctap.MakeCredentialRequest) { r.Options = nil }
	discoverableNo = func(r *ctap.MakeCredentialRequest) { r.Options = &ctap.Options{RK: ptr(true)} }
)

func (d protectedDevice) rig(t *testing.T) (*rig, *platform) {
	r := newRig(t, d.model)
	p := r.platform(pinuv.Two)
	if d.pin {
		require.Equal(t, ctap.OK, p.setPIN(pin))
	}
	return r, p
}

// Steps 1, 2, 6, 7, 8, 11 and 14 of makeCredential with PIN and tokens (CTAP 2.3
// §6.1.2). A row with permissions has a token with these for its RP ID.
func TestMakeCredentialWithTokens(t *testing.T) {
	t.Parallel()
	type request = ctap.MakeCredentialRequest
	cases := []struct {
		name        string
		on          protectedDevice
		permissions ctap.Permissions
		rpID        string
		change      func(*request)
		user        func(*authenticator.ScriptedUser)
		want        ctap.Status
		flags       string
		asked       []authenticator.PromptKind
	}{
		{name: "1: no bytes, PIN set", on: keyWithPIN, change: emptyParam, want: ctap.PINInvalid, asked: []authenticator.PromptKind{authenticator.SelectDevice}},
		{name: "1: no bytes, no PIN", on: keyWithUV, change: emptyParam, want: ctap.PINNotSet, asked: []authenticator.PromptKind{authenticator.SelectDevice}},
		{name: "1: before the protocol is looked at", on: keyWithPIN, change: func(r *request) { emptyParam(r); r.PinUvAuthProtocol = ptr(uint64(9)) }, want: ctap.PINInvalid},
		{name: "1: user declines", on: keyWithPIN, change: emptyParam, user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{name: "1: user lets it pass", on: keyWithPIN, change: emptyParam, user: doing(authenticator.TimeOut), want: ctap.OperationDenied},
		{name: "2.1: protocol unsupported", on: keyWithPIN, change: func(r *request) { r.PinUvAuthParam, r.PinUvAuthProtocol = []byte{1}, ptr(uint64(3)) }, want: ctap.InvalidParameter, asked: noPrompt},
		{name: "2.2: protocol absent", on: keyWithPIN, change: func(r *request) { r.PinUvAuthParam = []byte{1} }, want: ctap.MissingParameter, asked: noPrompt},

		{name: "6.2: alwaysUv, not protected, PIN possible", on: alwaysBare, change: noOptions, want: ctap.PUATRequired, asked: noPrompt},
		{name: "6.2: alwaysUv, not protected, no PIN", on: alwaysNothing, change: noOptions, want: ctap.OperationDenied, asked: noPrompt},
		{name: "6.3: alwaysUv uses built-in UV", on: alwaysUV, change: noOptions, flags: "UP|UV|AT"},
		{name: "6.4: alwaysUv without a token", on: alwaysPIN, change: noOptions, want: ctap.PUATRequired, asked: noPrompt},
		{name: "6.4: alwaysUv where PINs do not serve", on: alwaysNoMcGa, change: noOptions, want: ctap.OperationDenied, asked: noPrompt},
		{name: "6: alwaysUv with a token", on: alwaysPIN, permissions: mc, flags: "UP|UV|AT"},

		{name: "7: rk without UV", on: keyWithPIN, change: discoverableNo, want: ctap.PUATRequired, asked: noPrompt},
		{name: "7: rk without UV where PINs do not serve", on: noCeremonies, change: discoverableNo, want: ctap.OperationDenied, asked: noPrompt},
		{name: "7: rk without UV, built-in UV and no PIN", on: keyWithUV, change: discoverableNo, want: ctap.OperationDenied, asked: noPrompt},
		{name: "7: rk without UV, both", on: keyWithBoth, change: discoverableNo, want: ctap.PUATRequired, asked: noPrompt},
		{name: "7: no PIN yet", on: bareKey, change: discoverableNo, flags: "UP|AT"},
		{name: "10: makeCredUvNotRqd", on: keyWithPIN, change: noOptions, flags: "UP|AT"},
		{name: "8: without makeCredUvNotRqd", on: strictPIN, change: noOptions, want: ctap.PUATRequired, asked: noPrompt},
		{name: "8: with a token", on: strictPIN, permissions: mc, flags: "UP|UV|AT"},

		{name: "5.2: uv is ignored beside a token", on: keyWithPIN, permissions: mc, change: func(r *request) { r.Options.UV = ptr(true) }, flags: "UP|UV|AT"},
		{name: "11: a token on a device that is not protected is ignored", on: bareKey, change: func(r *request) {
			r.Options = nil
			r.PinUvAuthParam, r.PinUvAuthProtocol = make([]byte, 32), ptr(uint64(2))
		}, flags: "UP|AT"},
		{name: "11.1.1: wrong", on: keyWithPIN, permissions: mc, change: func(r *request) { r.PinUvAuthParam = flip(r.PinUvAuthParam) }, want: ctap.PINAuthInvalid, asked: noPrompt},
		{name: "11.1.1: over another hash", on: keyWithPIN, permissions: mc, change: func(r *request) { r.ClientDataHash = flip(r.ClientDataHash) }, want: ctap.PINAuthInvalid, asked: noPrompt},
		{name: "11.1.2: no permission", on: keyWithPIN, permissions: ga | cm, want: ctap.PINAuthInvalid, asked: noPrompt},
		{name: "11.1.3: another RP ID", on: keyWithPIN, permissions: mc, rpID: "other.example", want: ctap.PINAuthInvalid, asked: noPrompt},
		{name: "11.2.3: not recognised, but there is a PIN", on: keyWithBoth, user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.PUATRequired},
		{name: "11.2.3: not recognised, and there is none", on: keyWithUV, user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.OperationDenied},

		{name: "14.1: a touch", on: keyWithPIN, permissions: mc, flags: "UP|UV|AT", asked: []authenticator.PromptKind{touch}},
		{name: "14.1: user declines", on: keyWithPIN, permissions: mc, user: doing(authenticator.Decline), want: ctap.OperationDenied},
		{name: "14.1: user lets it pass", on: keyWithPIN, permissions: mc, user: doing(authenticator.TimeOut), want: ctap.OperationDenied},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, p := c.on.rig(t)
			req := creation()
			if c.permissions != 0 {
				p.granted(c.permissions, cmp.Or(c.rpID, req.RP.ID))
				p.creating(req)
			}
			if c.change != nil {
				c.change(req)
			}
			if c.user != nil {
				c.user(r.user)
			}
			made, err := ctap.Call(t.Context(), r, req)
			require.Equal(t, c.want, ctap.StatusOf(err), "%v", err)
			if err == nil {
				assert.Equal(t, c.flags, parse(t, made.AuthData).Flags.String())
			}
			if c.asked != nil {
				assert.Equal(t, c.asked, kinds(r.user.Asked()))
			}
		})
	}
}

// Steps 1, 2, 5, 6 and 9 of getAssertion (§6.2.2), on a device with one
// discoverable credential.
func TestGetAssertionWithTokens(t *testing.T) {
	t.Parallel()
	type request = ctap.GetAssertionRequest
	verifying := func(r *request) { r.Options = &ctap.Options{UV: ptr(true)} }
	cases := []struct {
		name        string
		on          protectedDevice
		permissions ctap.Permissions
		rpID        string
		change      func(*request)
		user        func(*authenticator.ScriptedUser)
		want        ctap.Status
		flags       string
	}{
		{name: "1: no bytes, PIN set", on: keyWithPIN, change: emptyGetParam, want: ctap.PINInvalid},
		{name: "1: no bytes, no PIN", on: keyWithUV, change: emptyGetParam, want: ctap.PINNotSet},
		{name: "2.1: protocol unsupported", on: keyWithPIN, change: func(r *request) { r.PinUvAuthParam, r.PinUvAuthProtocol = []byte{1}, ptr(uint64(3)) }, want: ctap.InvalidParameter},
		{name: "2.2: protocol absent", on: keyWithPIN, change: func(r *request) { r.PinUvAuthParam = []byte{1} }, want: ctap.MissingParameter},
		{name: "5.1: alwaysUv, not protected", on: alwaysBare, want: ctap.PUATRequired},
		{name: "5.1: alwaysUv, not protected, no PIN", on: alwaysNothing, want: ctap.OperationDenied},
		{name: "5.4: alwaysUv uses built-in UV", on: alwaysUV, flags: "UP|UV"},
		{name: "5.5: alwaysUv without a token", on: alwaysPIN, want: ctap.PUATRequired},
		{name: "5.6: alwaysUv where PINs do not serve", on: alwaysNoMcGa, want: ctap.OperationDenied},
		{name: "5: alwaysUv spares silent requests", on: alwaysPIN, change: silent, flags: "none"},
		{name: "6.1: with a token", on: keyWithPIN, permissions: ga, flags: "UP|UV"},
		{name: "6.1: silently with a token", on: keyWithPIN, permissions: ga, change: func(r *request) { r.Options = &ctap.Options{UP: ptr(false)} }, flags: "UV"},
		{name: "6.1: without one", on: keyWithPIN, flags: "UP"},
		{name: "6.1.1: wrong", on: keyWithPIN, permissions: ga, change: func(r *request) { r.PinUvAuthParam = flip(r.PinUvAuthParam) }, want: ctap.PINAuthInvalid},
		{name: "6.1.4: no permission", on: keyWithPIN, permissions: mc | lbw, want: ctap.PINAuthInvalid},
		{name: "6.1.5: another RP ID", on: keyWithPIN, permissions: ga, rpID: "other.example", want: ctap.PINAuthInvalid},
		{name: "6.2: not recognised, but there is a PIN", on: keyWithBoth, change: verifying, user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.PUATRequired},
		{name: "6.2: not recognised, and there is none", on: keyWithUV, change: verifying, user: func(u *authenticator.ScriptedUser) { u.WrongFinger(3) }, want: ctap.OperationDenied},
		{name: "9: user declines", on: keyWithPIN, permissions: ga, user: doing(authenticator.Decline), want: ctap.OperationDenied},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, p := c.on.rig(t)
			require.NoError(t, r.Import(t.Context(), &authenticator.Credential{
				ID: []byte("id"), RPID: "example.com", User: ctap.UserEntity{ID: []byte("alice")},
				Algorithm: webauthn.ES256, PrivateKey: bytes.Repeat([]byte{1}, 32), Discoverable: true,
			}))
			req := signIn(touchOnly)
			if c.permissions != 0 {
				p.granted(c.permissions, cmp.Or(c.rpID, req.RPID))
				p.asserting(req)
			}
			if c.change != nil {
				c.change(req)
			}
			if c.user != nil {
				c.user(r.user)
			}
			got, err := ctap.Call(t.Context(), r, req)
			require.Equal(t, c.want, ctap.StatusOf(err), "%v", err)
			if err == nil {
				assert.Equal(t, c.flags, parse(t, got.AuthData).Flags.String())
			}
		})
	}
}

// Built-in UV fails at once where the PIN is blocked (§6.5.3.1 step 3).
func TestBlockedPINBlocksUV(t *testing.T) {
	t.Parallel()
	r := newRig(t, keyOf(func(m *authenticator.Model) { m.PIN.Retries = 1 }))
	p := r.withPIN()
	require.Equal(t, ctap.PINBlocked, p.try("0000"))
	before := len(r.user.Asked())
	assert.ErrorIs(t, p.grant("", cm, ""), ctap.UVBlocked)
	assert.Len(t, r.user.Asked(), before)
}

// An expired token takes the sequence with it that it opened (§6 item 3).
func TestSequenceEndsWithItsToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN()
	for _, name := range []string{"alice", "bob", "carol"} {
		p.granted(mc, "example.com")
		r.create(p.creating, forUser(name))
	}
	silently := func(req *ctap.GetAssertionRequest) { p.asserting(req); req.Options = &ctap.Options{UP: ptr(false)} }
	p.granted(ga, "example.com")
	r.assert(silently)
	r.clock.Advance(590 * time.Second)
	r.assert(silently)
	require.Equal(t, ctap.OK, r.status(&ctap.GetNextAssertionRequest{}))
	r.clock.Advance(11 * time.Second)
	assert.Equal(t, ctap.NotAllowed, r.status(&ctap.GetNextAssertionRequest{}), "long before its own 30 s")
}
