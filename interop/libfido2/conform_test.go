//go:build interop

package libfido2_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client/driver"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/conformance/known"
)

// deviating are the cases of a MUST that libfido2 fails.
var deviating = known.Failures{
	"getinfo/max-msg-size*": "it leaves the length of lists to its callers, and so sends whatever they make of it",
}

// libfido2 fails what is known of it, and nothing else. docs/conformance-results.md
// has what it does with less binding requirements.
func TestConforms(t *testing.T) {
	t.Parallel()
	target, err := driver.New(t.Context(), client)
	require.NoError(t, err)
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1})
	assert.Empty(t, deviating.Differences(out))
	assert.Greater(t, out.Count(conformance.Pass), 200)
}
