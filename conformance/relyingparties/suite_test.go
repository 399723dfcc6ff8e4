package relyingparties_test

import (
	"crypto/rand"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
)

// ours is our own relying party behind the interface.
func ours(t testing.TB) relyingparties.Target {
	t.Helper()
	server, err := conformanceapi.New(conformanceapi.Config{
		RPID: "rp.example", RPName: "Judged", Origin: "https://rp.example", Clock: time.Now, Random: rand.Reader,
	})
	require.NoError(t, err)
	return relyingparties.Target{At: relyingparties.Site{
		URL: "https://rp.example", Transport: relyingparties.Handler{Handler: server},
	}}
}

// selected are the cases of a level, and those that match.
func selected(t testing.TB, level conformance.Level, match ...string) []conformance.Case {
	t.Helper()
	cases, err := conformance.Select(relyingparties.Cases(), conformance.Selection{Level: level, Match: match})
	require.NoError(t, err)
	return cases
}

// Our relying party keeps every requirement that binds.
func TestOurs(t *testing.T) {
	t.Parallel()
	conformance.Test(t, ours(t), selected(t, conformance.Must), conformance.Options{Seed: 1})
}

func TestDocument(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../../docs/cases-relying-parties.md")
	require.NoError(t, err)
	require.True(t, string(relyingparties.Document()) == string(written), `run "make docs"`)
}

// Cases are what the list of them promises.
func TestCasesAreWellFormed(t *testing.T) {
	t.Parallel()
	cases := relyingparties.Cases()
	require.Greater(t, len(cases), 400)
	known := map[string]*conformance.Case{}
	for i := range cases {
		known[cases[i].ID] = &cases[i]
	}
	require.Len(t, known, len(cases), "an ID is there twice")
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)+$`)
	for _, c := range cases {
		assert.Regexp(t, form, c.ID)
		assert.NotEmpty(t, c.Level.String(), c.ID)
		assert.NotEmpty(t, c.Spec.Document, c.ID)
		assert.NotEmpty(t, c.Spec.Section, c.ID)
		assert.True(t, strings.HasSuffix(c.Doc, ".") && !strings.Contains(c.Doc, "%"), "%s: %q is no sentence", c.ID, c.Doc)
		assert.NotNil(t, c.Run, c.ID)
		if strings.Contains(c.Doc, "is refused") && !strings.Contains(c.ID, "/interface/") && !strings.HasPrefix(c.ID, "interface/") {
			assert.NotEmpty(t, c.Twin, "%s: what is refused proves something only beside what is accepted", c.ID)
		}
		if c.Twin != "" {
			assert.NotNil(t, known[c.Twin], "%s: there is no twin %s", c.ID, c.Twin)
			assert.NotEqual(t, c.ID, c.Twin)
		}
	}
}

// What is said to be noticed is noticed by cases that there are, for mistakes that there
// are.
func TestCatches(t *testing.T) {
	t.Parallel()
	count := 0
	for _, c := range relyingparties.Cases() {
		for _, id := range c.Catches {
			_, err := fault.Lookup(id)
			assert.NoError(t, err, c.ID)
			count++
		}
	}
	assert.Greater(t, count, 400)
}
