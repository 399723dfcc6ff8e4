package fault_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	device "github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
)

func TestEveryFaultIsDescribed(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^rp/[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	groups := map[string]int{}
	for _, g := range fault.Groups() {
		groups[g.Name] = 0
		assert.True(t, strings.HasSuffix(g.About, "."), g.Name)
	}
	docs, last := map[string]string{}, ""
	for _, f := range fault.All() {
		assert.Regexp(t, name, f.ID)
		assert.Less(t, last, f.ID, "sorted, and no ID twice")
		last = f.ID
		assert.NotEmpty(t, f.Spec, f.ID)
		assert.Regexp(t, `^[A-Z][^\n]*\.$`, f.Doc, f.ID)
		assert.Empty(t, docs[f.Doc], "%s says the same", f.ID)
		if group := f.Group(); assert.Contains(t, groups, group, f.ID) {
			groups[group]++
		}
		_, err := device.Lookup(f.ID)
		assert.Error(t, err, "a device's fault is called the same")
	}
	for g, n := range groups {
		assert.NotZero(t, n, g)
	}
}

func TestStepsAreOnes(t *testing.T) {
	t.Parallel()
	known := map[ceremony.Step]bool{}
	for _, s := range append(ceremony.RegistrationSteps(), ceremony.LoginSteps()...) {
		known[s] = true
		assert.NotEmpty(t, s.String())
	}
	for _, f := range fault.All() {
		for s := range f.Seams.Steps {
			assert.True(t, known[s], "%s: %s", f.ID, s)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	f, err := fault.Lookup("rp/origin/any")
	require.NoError(t, err)
	assert.Equal(t, "rp/origin", f.Group())
	_, err = fault.Lookup("rp/orgin/any")
	assert.EqualError(t, err, `no fault of a relying party is called "rp/orgin/any": did you mean "rp/origin/any"?`)
	_, err = fault.Lookup("x")
	assert.EqualError(t, err, `no fault of a relying party is called "x": fault.All lists them`)
}
