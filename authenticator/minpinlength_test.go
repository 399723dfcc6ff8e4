package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// set changes what an administrator has set, behind the device's back.
func (r *rig) set(change func(*authenticator.Settings)) {
	r.t.Helper()
	held, err := r.store.Load(r.ctx())
	require.NoError(r.t, err)
	change(&held.Settings)
	require.NoError(r.t, r.store.Commit(r.ctx(), authenticator.Change{Settings: &held.Settings}))
}

// allowMinPINLength lets relying parties know the rules for PINs.
func (r *rig) allowMinPINLength(rpIDs ...string) {
	r.t.Helper()
	r.set(func(s *authenticator.Settings) { s.MinPINRPIDs = rpIDs })
}

// §12.5 and §12.6: who may know the rules for PINs learns how they are now.
func TestPINRulesAreToldToSome(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		rpIDs []string
		asked bool
		set   func(*authenticator.Settings)
		model func(*authenticator.Model)

		length     uint64 // 0 = not told
		complexity bool
	}{
		{name: "nobody listed", asked: true},
		{name: "others listed", rpIDs: []string{"www.example.com", "com"}, asked: true},
		{name: "listed", rpIDs: []string{"other.example", "example.com"}, asked: true, length: 4},
		{name: "listed, not asked", rpIDs: []string{"example.com"}},
		{name: "model wants more", rpIDs: []string{"example.com"}, asked: true, length: 6, model: func(m *authenticator.Model) { m.PIN.MinLength = 6 }},
		{name: "administrator wants more", rpIDs: []string{"example.com"}, asked: true, length: 63, set: func(s *authenticator.Settings) { s.MinPINLength = 63 }},
		{name: "policy switched on", rpIDs: []string{"example.com"}, asked: true, length: 4, complexity: true, set: func(s *authenticator.Settings) { s.PINComplexity = true }},
		{name: "policy from the factory", rpIDs: []string{"example.com"}, asked: true, length: 4, complexity: true, model: func(m *authenticator.Model) { m.PIN.Complexity = authenticator.FactoryOn }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			model := extended()
			if c.model != nil {
				c.model(&model)
			}
			r := newRig(t, model)
			r.allowMinPINLength(c.rpIDs...)
			if c.set != nil {
				r.set(c.set)
			}
			length, _ := r.create(with(ctap.ExtensionMinPINLength, c.asked))
			complexity, _ := r.create(with(ctap.ExtensionPINComplexityPolicy, c.asked))
			if c.length == 0 {
				assert.Nil(t, said(t, length.AuthData))
				assert.Nil(t, said(t, complexity.AuthData))
				return
			}
			assert.Equal(t, only(ctap.ExtensionMinPINLength, c.length), said(t, length.AuthData))
			assert.Equal(t, only(ctap.ExtensionPINComplexityPolicy, c.complexity), said(t, complexity.AuthData))
		})
	}
}
