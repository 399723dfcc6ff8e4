package relyingparties_test

import (
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// site is our own site, as people and applications use it.
func site(t testing.TB, adapter string) relyingparties.Target {
	t.Helper()
	made, err := relyingparty.New(relyingparty.Config{
		BaseURL: "https://auth.example", Clock: time.Now, Random: rand.Reader, PasswordCost: relyingparty.LabPasswordCost(),
		Applications: []relyingparty.Application{{ID: "sample", Grants: []relyingparty.GrantType{relyingparty.GrantPasskey}}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Close()) })
	text, err := os.ReadFile("../../docs/adapters/" + adapter)
	require.NoError(t, err)
	read, err := relyingparties.ReadAdapter(text)
	require.NoError(t, err)
	return relyingparties.Target{At: relyingparties.Site{URL: "https://auth.example", Transport: relyingparties.Handler{Handler: made}, Adapter: read}}
}

// Our site's other doors keep every requirement, the least binding included, by the
// adapters that the documents show.
func TestAdaptersOfOurSite(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"passkeylab-pages.json", "passkeylab-native.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := conformance.Run(t.Context(), site(t, name), relyingparties.Cases(), conformance.Options{Seed: 1})
			for _, r := range out.Results {
				if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
					t.Errorf("%s %s: %s: %s (expected %s, seen %s)", r.Case.ID, r.Case.Level, r.Verdict, r.Reason, r.Expected, r.Seen)
				}
			}
			assert.Greater(t, out.Count(conformance.Pass), 500)
		})
	}
}
