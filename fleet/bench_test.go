package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/fleet"
)

// BenchmarkSteps is one life on one core: what a step costs, its checks included.
func BenchmarkSteps(b *testing.B) {
	const steps = 2000
	for b.Loop() {
		require.NoError(b, fleet.Walk(b.Context(), fleet.Options{Seed: 1, Steps: steps}))
	}
	b.ReportMetric(float64(steps*b.N)/b.Elapsed().Seconds(), "steps/s")
}
