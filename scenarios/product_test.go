package scenarios_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/profile"
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

// Every journey is in the suite that its ID names, and in one alone.
func TestSuites(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, suite := range scenarios.Suites() {
		assert.False(t, names[suite.Name], "%s is there twice", suite.Name)
		names[suite.Name] = true
		assert.Regexp(t, `^[A-Z].*\.$`, suite.About)
		assert.NotEmpty(t, suite.Scenarios(), suite.Name)
		for _, s := range suite.Scenarios() {
			assert.Equal(t, suite.Name, s.Suite(), s.ID)
		}
	}
}

// A matrix has its story once for each product, which exists.
func TestMatrix(t *testing.T) {
	t.Parallel()
	stories := map[string]int{}
	for _, s := range scenarios.All() {
		if s.Product == "" {
			continue
		}
		_, err := profile.Lookup(s.Product)
		require.NoError(t, err)
		assert.True(t, strings.HasSuffix(s.ID, "-"+s.Product), s.ID)
		stories[s.Story]++
	}
	require.GreaterOrEqual(t, len(stories), 2)
	for story, n := range stories {
		assert.Greater(t, n, 1, story)
	}
}

func TestTableIsCurrent(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../docs/scenarios.md")
	require.NoError(t, err)
	assert.Equal(t, scenarios.Table(), string(written), "run `make docs`")
}

func TestProductTableIsCurrent(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../docs/seed-coverage.md")
	require.NoError(t, err)
	assert.Equal(t, scenarios.ProductTable(), string(written), "run `make docs`")
}
