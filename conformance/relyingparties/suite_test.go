package relyingparties_test

import (
	"crypto/rand"
	"os"
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

func TestSuiteIsSound(t *testing.T) {
	t.Parallel()
	cases := relyingparties.Cases()
	assert.Greater(t, len(cases), 400)
	assert.NoError(t, conformance.Sound(cases))
	for _, c := range cases {
		if strings.Contains(c.Doc, "is refused") && !strings.HasPrefix(c.ID, "interface/") {
			assert.NotEmpty(t, c.Twin, "%s: what is refused proves something only beside what is accepted", c.ID)
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
