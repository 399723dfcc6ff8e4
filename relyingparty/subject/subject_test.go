package subject_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty/subject"
)

// Our relying party keeps every requirement, the least binding included, and nothing is
// left out that could be judged, whatever it has chosen.
func TestOursConforms(t *testing.T) {
	t.Parallel()
	for i, target := range subject.Usual() {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			out := conformance.Run(t.Context(), target, relyingparties.Cases(), conformance.Options{Seed: 1, Strict: true})
			for _, r := range out.Results {
				if target.Told(r.Case.ID) {
					continue
				}
				switch r.Verdict {
				case conformance.Fail, conformance.Error, conformance.Skipped:
					t.Errorf("%s: %s: %s (expected %s, seen %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
				}
			}
			assert.Greater(t, out.Count(conformance.Pass), 1000)
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
