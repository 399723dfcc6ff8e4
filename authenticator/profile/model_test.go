package profile_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
)

// What no product here has, and a file may say.
func TestRareFacts(t *testing.T) {
	t.Parallel()
	const current = `"info.versions": {"value": ["FIDO_2_1"], "source": "s"}`
	options := func(listed string) string { return `"info.options": {"value": {` + listed + `}, "source": "s"}` }
	for _, c := range []struct {
		name  string
		facts []string
		holds func(authenticator.Model) bool
	}{
		{"a PIN that is no good for ceremonies", []string{current, options(`"rk": true, "clientPin": false, "pinUvAuthToken": true, "noMcGaPermissionsWithClientPin": true`)},
			func(m authenticator.Model) bool { return m.PIN.NoMcGa }},
		{"tokens that last", []string{current, options(`"rk": true, "clientPin": false, "pinUvAuthToken": true, "credMgmt": true, "perCredMgmtRO": true`)},
			func(m authenticator.Model) bool { return m.CredMgmtReadOnly && m.CredMgmt }},
		{"no such tokens", []string{current, options(`"rk": true, "clientPin": false, "pinUvAuthToken": true, "credMgmt": true`)},
			func(m authenticator.Model) bool { return !m.CredMgmtReadOnly && m.CredMgmt && !m.PIN.NoMcGa }},
		{"a policy of PINs", []string{current, `"userVerification": {"value": "client-pin", "source": "s"}`, `"extensions": {"value": ["minPinLength", "pinComplexityPolicy"], "source": "s"}`},
			func(m authenticator.Model) bool {
				return m.PIN.Complexity == authenticator.FactoryOff && m.Config.MinPINLength && m.Config.MaxRPIDs == 1
			}},
		{"no room for what it does not keep", []string{`"discoverable": {"value": false, "source": "s"}`, `"info.remainingDiscoverableCredentials": {"value": 25, "source": "s"}`},
			func(m authenticator.Model) bool { return m.Capacity == 0 && !m.ResidentKeys }},
		{"CTAP 2.3 manages", []string{
			`"info.versions": {"value": ["FIDO_2_3"], "source": "s"}`, `"userVerification": {"value": "client-pin", "source": "s"}`,
			`"extensions": {"value": ["hmac-secret", "credProtect"], "source": "s"}`,
		}, func(m authenticator.Model) bool { return m.CredMgmt && m.PinUvAuthToken }},
		{"CTAP 2.1 need not", []string{current, `"userVerification": {"value": "client-pin", "source": "s"}`},
			func(m authenticator.Model) bool { return !m.CredMgmt && m.PinUvAuthToken }},
		{"counters of their own", []string{`"counter": {"value": "per-credential", "source": "s"}`},
			func(m authenticator.Model) bool {
				return m.Counter == authenticator.CounterPerCredential && m.NonDiscoverable == authenticator.Stored
			}},
		{"fingers", []string{current, `"userVerification": {"value": "enrolled", "source": "s"}`},
			func(m authenticator.Model) bool {
				return m.UV == authenticator.UVUnconfigured && m.Bio.Templates > 0 && m.PIN.Supported
			}},
		{"a key in the computer", []string{`"attachment": {"value": "platform", "source": "s"}`},
			func(m authenticator.Model) bool { return m.Platform && m.Transports[0] == "internal" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := profile.Read("my.json", []byte(around(c.facts...)))
			require.NoError(t, err)
			m, err := p.Model()
			require.NoError(t, err)
			assert.True(t, c.holds(m), "%+v", m)
		})
	}
}
