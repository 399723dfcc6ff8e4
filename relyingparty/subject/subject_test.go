package subject_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty/subject"
)

// Our relying party keeps every requirement, the least binding included, and nothing is
// left out that could be judged: by WebAuthn Level 3, and by the published list.
func TestOursConforms(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]subject.Target{"WebAuthn": {}, "the published list": {List: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := conformance.Run(t.Context(), target, relyingparties.Cases(), conformance.Options{Seed: 1, Strict: true})
			for _, r := range out.Results {
				switch r.Verdict {
				case conformance.Fail, conformance.Error, conformance.Skipped:
					t.Errorf("%s: %s: %s (expected %s, seen %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
				}
			}
			assert.Greater(t, out.Count(conformance.Pass), 1300)
		})
	}
}

// A relying party that offers little, and what is new, is judged by that.
func TestFewAlgorithms(t *testing.T) {
	t.Parallel()
	for _, algorithms := range [][]int64{{-7}, {-8}, {-257}, {-35, -7}} {
		cases, err := conformance.Select(relyingparties.Cases(), conformance.Selection{Level: conformance.Must, Match: []string{"algorithm", "login", "registration/key"}})
		assert.NoError(t, err)
		out := conformance.Run(t.Context(), subject.Target{Algorithms: algorithms}, cases, conformance.Options{Seed: 1})
		for _, r := range out.Results {
			if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
				t.Errorf("%v: %s: %s: %s (expected %s, seen %s)", algorithms, r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
			}
		}
	}
}
