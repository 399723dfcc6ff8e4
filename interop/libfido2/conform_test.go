//go:build interop

package libfido2_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client/driver"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// deviating are the cases of a MUST that libfido2 fails: it leaves the length of
// lists to its callers, and so sends whatever they make of it.
var deviating = []string{"getinfo/max-msg-size", "getinfo/max-msg-size-default"}

// libfido2 fails what is known of it, and nothing else. docs/conformance-results.md
// has what it does with less binding requirements.
func TestConforms(t *testing.T) {
	t.Parallel()
	target, err := driver.New(t.Context(), client)
	require.NoError(t, err)
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1})
	var failed []string
	for _, r := range out.Results {
		if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
			failed = append(failed, r.Case.ID)
			t.Logf("%s: %s: %s", r.Case.ID, r.Verdict, r.Reason)
		}
	}
	assert.Equal(t, deviating, failed)
	assert.Greater(t, out.Count(conformance.Pass), 200)
}
