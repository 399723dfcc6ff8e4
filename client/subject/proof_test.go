package subject_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/client/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// A case that names a fault fails on a client that has it.
func TestCasesCatchTheirFaults(t *testing.T) {
	t.Parallel()
	byFault := map[string][]conformance.Case{}
	for _, c := range clients.Cases() {
		for _, id := range c.Catches {
			byFault[id] = append(byFault[id], c)
		}
	}
	for id, cases := range byFault {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			_, err := fault.Lookup(id)
			require.NoError(t, err)
			out := conformance.Run(t.Context(), subject.Target{Faults: []string{id}}, cases, conformance.Options{Seed: 1, Parallel: 16})
			for _, r := range out.Results {
				if r.Verdict != conformance.Fail {
					t.Errorf("%s does not fail: %s %s", r.Case.ID, r.Verdict, r.Reason)
				}
			}
		})
	}
}

// Every case is shown to fail on something, and every fault is caught by a case that
// names it.
func TestEveryCaseAndEveryFaultIsProved(t *testing.T) {
	t.Parallel()
	var caught []string
	for _, c := range clients.Cases() {
		assert.NotEmpty(t, c.Catches, "%s is proved by nothing", c.ID)
		caught = append(caught, c.Catches...)
	}
	last := ""
	for _, f := range fault.All() {
		assert.Contains(t, caught, f.ID, "no case names it")
		assert.Less(t, last, f.ID, "sorted, and none twice")
		assert.NotEmpty(t, f.Doc, f.ID)
		assert.NotEmpty(t, f.Spec, f.ID)
		last = f.ID
	}
	assert.Greater(t, len(fault.All()), 150)
	_, err := fault.Lookup("hash/zerro")
	assert.ErrorContains(t, err, `did you mean "hash/zero"?`)
	assert.False(t, slices.ContainsFunc(fault.All(), func(f fault.Fault) bool { return f.Group() == f.ID }))
}
