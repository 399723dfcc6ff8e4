package authenticator_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

type configuring = func(*ctap.ConfigRequest)

// configuring is a good request of a subcommand, signed with the last token.
// params is nil where there are none.
func (p *platform) configuring(sub ctap.SubCommand, params any, change ...configuring) *ctap.ConfigRequest {
	p.r.t.Helper()
	req := &ctap.ConfigRequest{SubCommand: sub, PinUvAuthProtocol: p.number()}
	if params != nil {
		require.NoError(p.r.t, req.SetParams(params))
	}
	req.PinUvAuthParam = p.sign(pinuv.ConfigMessage(sub, req.SubCommandParams))
	return changed(req, change)
}

func (p *platform) configure(sub ctap.SubCommand, params any, change ...configuring) ctap.Status {
	p.r.t.Helper()
	return p.r.status(p.configuring(sub, params, change...))
}

// openConfig is a request without authentication.
func openConfig(req *ctap.ConfigRequest) { req.PinUvAuthParam, req.PinUvAuthProtocol = nil, nil }

// enterpriseKey is capable of enterprise attestation and has vendor commands.
func enterpriseKey(change ...func(*authenticator.Model)) authenticator.Model {
	m := pinKey(change...)
	m.Enterprise = authenticator.EnterpriseFeatures{Platform: true, Key: new(authenticator.AttestationKey)}
	m.Config.Vendor = []uint64{0x1122334455667788}
	return m
}

// What refuses, in the order of the text: each case breaks everything that comes
// after its step too.
func TestConfigSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step   string
		sub    ctap.SubCommand
		change configuring
		want   ctap.Status
	}{
		{"2", 5, openConfig, ctap.InvalidSubcommand},
		{"4.1", ctap.ToggleAlwaysUv, openConfig, ctap.PUATRequired},
		{"4.2", ctap.ToggleAlwaysUv, func(req *ctap.ConfigRequest) { req.PinUvAuthProtocol, req.PinUvAuthParam = nil, []byte{1} }, ctap.MissingParameter},
		{"4.3", ctap.ToggleAlwaysUv, func(req *ctap.ConfigRequest) {
			req.PinUvAuthProtocol, req.PinUvAuthParam = ptr(uint64(3)), []byte{1}
		}, ctap.InvalidParameter},
		{"4.4", ctap.ToggleAlwaysUv, func(req *ctap.ConfigRequest) { req.PinUvAuthParam[0] ^= 1 }, ctap.PINAuthInvalid},
		{"4.5", ctap.ToggleAlwaysUv, func(*ctap.ConfigRequest) {}, ctap.PINAuthInvalid},
	} {
		r := newRig(t, enterpriseKey())
		p := r.withPIN().granted(ctap.PermissionLargeBlobWrite, "")
		assert.Equal(t, c.want, p.configure(c.sub, nil, c.change), "step %s", c.step)
		assert.False(t, r.info().Option(ctap.OptionAlwaysUv), "step %s", c.step)
	}
}

// A device has the subcommands that getInfo lists, and no others.
func TestConfigHasWhatIsListed(t *testing.T) {
	t.Parallel()
	all := []ctap.SubCommand{
		ctap.EnableEnterpriseAttestation, ctap.ToggleAlwaysUv, ctap.SetMinPINLength, ctap.EnableLongTouchForReset, ctap.VendorPrototype, 0x7f,
	}
	for name, model := range map[string]authenticator.Model{
		"all": enterpriseKey(),
		"none but toggleAlwaysUv": pinKey(func(m *authenticator.Model) {
			m.Config = authenticator.ConfigFeatures{}
			m.Extensions = []string{ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret, ctap.ExtensionCredBlob, ctap.ExtensionLargeBlobKey}
		}),
		"a long touch for good": pinKey(func(m *authenticator.Model) { m.Config.LongTouch = authenticator.FixedOn }),
	} {
		r := newRig(t, model)
		listed := r.info().AuthenticatorConfigCommands
		for _, sub := range all {
			has := r.status(&ctap.ConfigRequest{SubCommand: sub}) != ctap.InvalidSubcommand
			assert.Equal(t, slices.Contains(listed, uint64(sub)), has, "%s: subcommand 0x%02X", name, uint64(sub))
		}
	}
	assert.Equal(t, ctap.InvalidCommand, newRig(t, authenticator.Phone()).status(&ctap.ConfigRequest{SubCommand: ctap.ToggleAlwaysUv}))
}

// The pinUvAuthParam is over the parameters as they came, also where the
// subcommand has none.
func TestConfigAuthenticatesItsParameters(t *testing.T) {
	t.Parallel()
	r := newRig(t, enterpriseKey())
	p := r.withPIN().granted(acfg, "elsewhere.com")
	assert.Equal(t, ctap.OK, p.configure(ctap.EnableEnterpriseAttestation, map[uint64]string{9: "ignored"}), "for whatever RP ID the token is")
	assert.Equal(t, ctap.PINAuthInvalid, p.configure(ctap.EnableEnterpriseAttestation, nil, func(req *ctap.ConfigRequest) {
		require.NoError(t, req.SetParams(map[uint64]string{9: "forged"}))
	}))
}

func TestEnableEnterpriseAttestation(t *testing.T) {
	t.Parallel()
	r := newRig(t, enterpriseKey())
	p := r.withPIN().granted(acfg, "")
	assert.Equal(t, map[string]bool{"ep": false}, optionsOf(r, "ep"))
	for range 2 {
		assert.Equal(t, ctap.OK, p.configure(ctap.EnableEnterpriseAttestation, nil))
		assert.Equal(t, map[string]bool{"ep": true}, optionsOf(r, "ep"), "no toggle")
	}
	r.PowerCycle()
	assert.True(t, r.info().Option(ctap.OptionEP))
	require.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, map[string]bool{"ep": false}, optionsOf(r, "ep"), "the capability stays")
}

// optionsOf returns those of some options that getInfo lists.
func optionsOf(r *rig, ids ...string) map[string]bool {
	r.t.Helper()
	listed := make(map[string]bool)
	for _, id := range ids {
		if value, ok := r.info().Options[id]; ok {
			listed[id] = value
		}
	}
	return listed
}

func TestToggleAlwaysUv(t *testing.T) {
	t.Parallel()
	off := map[string]bool{"alwaysUv": false, "makeCredUvNotRqd": true}
	on := map[string]bool{"alwaysUv": true, "makeCredUvNotRqd": false}
	options := []string{ctap.OptionAlwaysUv, ctap.OptionMakeCredUvNotRqd}
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN().granted(acfg, "")
	touch := creation(notDiscoverable, func(req *ctap.MakeCredentialRequest) { req.Options.UV = nil })
	for range 2 {
		assert.Equal(t, off, optionsOf(r, options...))
		assert.Contains(t, r.info().Versions, ctap.VersionU2FV2)
		assert.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil))
		assert.Equal(t, on, optionsOf(r, options...))
		assert.NotContains(t, r.info().Versions, ctap.VersionU2FV2)
		resp, err := ctap.Call(t.Context(), r, touch)
		require.NoError(t, err)
		assert.Equal(t, "UP|UV|AT", parse(t, resp.AuthData).Flags.String(), "the device verifies unasked")
		p.granted(acfg, "")
		assert.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil))
	}
	assert.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil))
	require.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, off, optionsOf(r, options...), "as it left the factory")
}

// A device that knows no user is configured by anybody, except that alwaysUv must
// be switched off first.
func TestConfigWithoutVerification(t *testing.T) {
	t.Parallel()
	r := newRig(t, enterpriseKey())
	p := r.platform(pinuv.Two)
	assert.Equal(t, ctap.OK, p.configure(ctap.EnableEnterpriseAttestation, nil, openConfig))
	assert.Equal(t, ctap.OK, p.configure(ctap.EnableLongTouchForReset, nil), "a pinUvAuthParam is ignored")
	assert.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil, openConfig))
	assert.Equal(t, ctap.PUATRequired, p.configure(ctap.SetMinPINLength, nil, openConfig), "alwaysUv is on")
	assert.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil, openConfig))
	assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, nil, openConfig))
	assert.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil, openConfig))
	require.Equal(t, ctap.OK, p.setPIN(pin))
	assert.Equal(t, ctap.PUATRequired, p.configure(ctap.ToggleAlwaysUv, nil, openConfig), "the owner has come")
}

func TestAlwaysUvForGood(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey(func(m *authenticator.Model) { m.AlwaysUv = authenticator.FixedOn }))
	p := r.platform(pinuv.Two)
	assert.Equal(t, ctap.OperationDenied, p.configure(ctap.ToggleAlwaysUv, nil, openConfig))
	require.Equal(t, ctap.OK, p.setPIN(pin))
	assert.Equal(t, ctap.OperationDenied, p.granted(acfg, "").configure(ctap.ToggleAlwaysUv, nil))
	assert.True(t, r.info().Option(ctap.OptionAlwaysUv))
}

func TestEnableLongTouchForReset(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN().granted(acfg, "")
	assert.False(t, *r.info().LongTouchForReset)
	for range 2 {
		assert.Equal(t, ctap.OK, p.configure(ctap.EnableLongTouchForReset, nil))
		assert.True(t, *r.info().LongTouchForReset)
	}
	r.user.Then(authenticator.Tap)
	assert.Equal(t, ctap.OperationDenied, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.False(t, *r.info().LongTouchForReset)
}

func TestVendorPrototype(t *testing.T) {
	t.Parallel()
	r := newRig(t, enterpriseKey())
	p := r.withPIN().granted(acfg, "")
	assert.Equal(t, []uint64{0x1122334455667788}, r.info().VendorPrototypeConfigCommands)
	for name, c := range map[string]struct {
		params any
		want   ctap.Status
	}{
		"a known one":         {ctap.VendorPrototypeParams{VendorCommandID: ptr(uint64(0x1122334455667788))}, ctap.OK},
		"with its own member": {map[uint64]any{1: uint64(0x1122334455667788), 2: []byte{1}}, ctap.OK},
		"an unknown one":      {ctap.VendorPrototypeParams{VendorCommandID: ptr(uint64(1))}, ctap.InvalidParameter},
		"no ID":               {ctap.VendorPrototypeParams{}, ctap.MissingParameter},
		"no parameters":       {nil, ctap.MissingParameter},
		"an ID of words":      {map[uint64]string{1: "one"}, ctap.CBORUnexpectedType},
	} {
		assert.Equal(t, c.want, p.configure(ctap.VendorPrototype, c.params), name)
	}
}
