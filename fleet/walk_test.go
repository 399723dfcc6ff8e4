package fleet_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/fleet"
)

// Lives of fleets, thousands of steps from a seed, in which every truth holds.
func TestWalks(t *testing.T) {
	t.Parallel()
	steps := 500
	if testing.Short() {
		steps = 150
	}
	walkAll(t, 4, steps)
}

// walkAll lives so many lives of so many steps.
func walkAll(t *testing.T, lives uint64, steps int) {
	for number := range lives {
		t.Run(fmt.Sprintf("seed %d", number), func(t *testing.T) {
			t.Parallel()
			require.NoError(t, fleet.Walk(t.Context(), fleet.Options{Seed: number, Steps: steps}))
		})
	}
}
