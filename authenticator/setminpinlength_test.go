package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

type minPIN = ctap.SetMinPINLengthParams

func length(n uint64) minPIN { return minPIN{NewMinPINLength: &n} }

func (r *rig) settings() authenticator.Settings {
	r.t.Helper()
	held, err := r.store.Load(r.ctx())
	require.NoError(r.t, err)
	return held.Settings
}

// What refuses, in the order of the text: each case breaks what comes after its
// step too. Nothing changes.
func TestSetMinPINLengthSteps(t *testing.T) {
	t.Parallel()
	yes := ptr(true)
	short := func(m *authenticator.Model) { m.Config.MaxRPIDs, m.PIN.MaxLength = 2, 12 }
	for _, c := range []struct {
		step   string
		params minPIN
		want   ctap.Status
	}{
		{"3, a decrease", minPIN{NewMinPINLength: ptr(uint64(3)), ForceChangePIN: yes, MinPINLengthRPIDs: []string{"a", "b", "c"}}, ctap.PINPolicyViolation},
		{"3, beyond maxPINLength", minPIN{NewMinPINLength: ptr(uint64(13)), ForceChangePIN: yes}, ctap.PINPolicyViolation},
		{"3, beyond all bounds", minPIN{NewMinPINLength: ptr(uint64(1<<64 - 1))}, ctap.PINPolicyViolation},
		{"4", minPIN{NewMinPINLength: ptr(uint64(12)), ForceChangePIN: yes, MinPINLengthRPIDs: []string{"a", "b", "c"}}, ctap.PINNotSet},
		{"8", minPIN{NewMinPINLength: ptr(uint64(12)), PINComplexityPolicy: yes, MinPINLengthRPIDs: []string{"a", "b", "c"}}, ctap.KeyStoreFull},
	} {
		r := newRig(t, pinKey(short))
		p := &platform{r: r}
		assert.Equal(t, c.want, p.configure(ctap.SetMinPINLength, c.params, openConfig), "step %s", c.step)
		assert.Equal(t, authenticator.Settings{}, r.settings(), "step %s", c.step)
	}
}

func TestSetMinPINLengthOfWrongType(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN().granted(acfg, "")
	assert.Equal(t, ctap.CBORUnexpectedType, p.configure(ctap.SetMinPINLength, map[uint64]string{1: "eight"}))
	req := p.configuring(ctap.SetMinPINLength, map[uint64]string{1: "eight"})
	_, err := r.Do(t.Context(), req)
	assert.ErrorIs(t, err, ctap.CBORUnexpectedType, "also where nobody decoded it before")
}

func TestSetMinPINLength(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN().granted(acfg, "")
	for _, c := range []struct {
		what   string
		params any
		want   uint64
	}{
		{"no parameters", nil, 4},
		{"no length", minPIN{}, 4},
		{"the same", length(4), 4},
		{"as long as the PIN", length(6), 6},
	} {
		assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, c.params), c.what)
		info := r.info()
		assert.Equal(t, c.want, info.MinPINLength, c.what)
		assert.False(t, *info.ForcePINChange, c.what)
	}
	assert.Equal(t, ctap.PINPolicyViolation, p.configure(ctap.SetMinPINLength, length(5)), "it only grows")
	assert.Equal(t, ctap.PINPolicyViolation, p.changePIN(pin, "12321"), "and holds for new PINs")
	r.PowerCycle()
	assert.Equal(t, uint64(6), r.info().MinPINLength)
	require.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, uint64(4), r.info().MinPINLength)
}

// Whatever makes the PIN stale takes back what it was good for.
func TestPINMustChange(t *testing.T) {
	t.Parallel()
	for name, params := range map[string]minPIN{
		"asked for":             {ForceChangePIN: ptr(true)},
		"the PIN is too short":  length(7),
		"both, and the RP list": {NewMinPINLength: ptr(uint64(8)), ForceChangePIN: ptr(true), MinPINLengthRPIDs: []string{"a.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, pinKey())
			p := r.withPIN()
			persistent := p.granted(pcmr, "").token
			p.granted(acfg|cm, "")
			assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, params))
			assert.True(t, *r.info().ForcePINChange)
			assert.Equal(t, ctap.PINAuthInvalid, p.configure(ctap.ToggleAlwaysUv, nil), "the token is gone")
			p.token = persistent
			assert.Equal(t, ctap.PINAuthInvalid, p.managementStatus(ctap.GetCredsMetadata, noParams), "the persistent one too")
			assert.Nil(t, r.info().EncIdentifier)
			assert.ErrorIs(t, p.grant(pin, acfg, ""), ctap.PINPolicyViolation, "no new one with the old PIN")
			assert.Equal(t, ctap.PINPolicyViolation, p.changePIN(pin, pin))
			require.Equal(t, ctap.OK, p.changePIN(pin, "31415926"))
			assert.False(t, *r.info().ForcePINChange)
			assert.NoError(t, p.grant("31415926", acfg, ""))
		})
	}
}

// A request with the change pending, by a token from built-in user verification,
// loses that token as well.
func TestPendingPINChangeTakesTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	p := r.withPIN().granted(acfg, "")
	require.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, minPIN{ForceChangePIN: ptr(true)}))
	require.NoError(t, p.grant("", acfg, ""))
	assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, length(5)))
	assert.Equal(t, ctap.PINAuthInvalid, p.configure(ctap.SetMinPINLength, length(6)))
	assert.Equal(t, uint64(5), r.info().MinPINLength)
}

func TestMinPINLengthRPIDs(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey(func(m *authenticator.Model) { m.Config.MaxRPIDs = 2 }))
	p := r.withPIN().granted(acfg, "")
	for _, c := range []struct {
		sent any
		kept []string
		want ctap.Status
	}{
		{map[uint64][]string{2: {"a.test", "b.test"}}, []string{"a.test", "b.test"}, ctap.OK},
		{map[uint64][]string{2: {"c.test"}}, []string{"c.test"}, ctap.OK},
		{map[uint64][]string{2: {}}, []string{"c.test"}, ctap.OK},
		{map[uint64][]string{}, []string{"c.test"}, ctap.OK},
		{map[uint64][]string{2: {"a.test", "b.test", "c.test"}}, []string{"c.test"}, ctap.KeyStoreFull},
	} {
		assert.Equal(t, c.want, p.configure(ctap.SetMinPINLength, c.sent), "%q", c.sent)
		assert.Equal(t, c.kept, r.settings().MinPINRPIDs, "%q", c.sent)
	}
}

func TestPINComplexityPolicy(t *testing.T) {
	t.Parallel()
	policy := func(on bool) minPIN { return minPIN{PINComplexityPolicy: &on} }
	r := newRig(t, pinKey())
	p := r.platform(2)
	require.Equal(t, ctap.OK, p.setPIN("1111"))
	require.NoError(t, p.grant("1111", acfg, ""))
	assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, policy(false)))
	assert.False(t, *r.info().PinComplexityPolicy)
	assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, policy(true)))
	assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, policy(false)), "it stays")
	assert.True(t, *r.info().PinComplexityPolicy)
	assert.False(t, *r.info().ForcePINChange, "the PIN that is set is left alone")
	assert.Equal(t, ctap.PINPolicyViolation, p.changePIN("1111", "1234"))
	assert.Equal(t, ctap.OK, p.changePIN("1111", "1244"))

	without := newRig(t, pinKey(func(m *authenticator.Model) {
		m.PIN.Complexity = authenticator.Lacking
		m.Extensions = []string{ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret, ctap.ExtensionCredBlob, ctap.ExtensionLargeBlobKey, ctap.ExtensionMinPINLength}
	}))
	p = without.withPIN().granted(acfg, "")
	assert.Equal(t, ctap.OK, p.configure(ctap.SetMinPINLength, policy(true)), "ignored")
	assert.Nil(t, without.info().PinComplexityPolicy)
	assert.False(t, without.settings().PINComplexity)
}
