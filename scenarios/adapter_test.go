package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/adapter"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/scenarios"
)

// Where link wire cannot carry a journey at a site of other people's, the entry says
// so, and nothing is asked of the site.
func TestPlanKnowsWhatWireCannot(t *testing.T) {
	t.Parallel()
	chosen, err := scenarios.Match("sign-up/passkey", "policy/button")
	require.NoError(t, err)
	plan := scenarios.Plan{
		Scenarios: chosen, Links: []passkeylab.Link{passkeylab.Wire}, Stage: passkeylab.NewStage(passkeylab.StageOptions{}),
		Site: "http://localhost:1", Adapter: new(adapter.Adapter), AdapterFile: "a.yaml", Observer: new(ledger),
	}
	entries := plan.Run(t.Context())
	require.Len(t, entries, 2)
	for _, e := range entries {
		assert.Equal(t, report.NotApplicable, e.Verdict)
		assert.Contains(t, e.Repeat, "--site http://localhost:1 --adapter a.yaml")
	}
	assert.Equal(t, passkeylab.NoScripts, entries[0].Reason)
	assert.Contains(t, entries[1].Reason, "which only the embedded site allows")
}
