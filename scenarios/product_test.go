package scenarios_test

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/scenarios"
)

// Everything that the product's documentation says is shown by journeys that exist,
// at least one of them in a real browser.
func TestEveryClaimOfTheProductIsShown(t *testing.T) {
	t.Parallel()
	all := scenarios.All()
	for _, chapter := range scenarios.Product() {
		for _, claim := range chapter.Claims {
			assert.NotEmpty(t, claim.Journeys, claim.Says)
			inBrowser := false
			for _, id := range claim.Journeys {
				i := slices.IndexFunc(all, func(s scenarios.Scenario) bool { return s.ID == id })
				require.GreaterOrEqual(t, i, 0, "%s: no journey is called %q", claim.Says, id)
				for _, link := range passkeylab.Links() {
					inBrowser = inBrowser || link.InBrowser() && all[i].NotOn(link) == ""
				}
			}
			assert.True(t, inBrowser, claim.Says)
		}
	}
}

func TestProductTableIsCurrent(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../docs/seed-coverage.md")
	require.NoError(t, err)
	assert.Equal(t, scenarios.ProductTable(), string(written), "run `make docs`")
}
