package subject_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
	"github.com/passkeylab/passkeylab/relyingparty/subject"
)

// faulty has one of the mistakes, which has been looked up before.
func faulty(target subject.Target, id string) subject.Target {
	return target.With(func() relyingparty.Seams {
		f, _ := fault.Lookup(id)
		return f.Seams
	})
}

// beside are cases and the twins of theirs, which have to pass for a failure to mean
// anything.
func beside(all map[string]conformance.Case, ids []string) (cases []conformance.Case) {
	seen := map[string]bool{}
	for _, id := range ids {
		for _, id := range []string{id, all[id].Twin} {
			if c, there := all[id]; there && !seen[id] {
				seen[id] = true
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// byMistake are all cases by their IDs, and the IDs of those that name a mistake by it.
func byMistake() (all map[string]conformance.Case, naming map[string][]string) {
	all, naming = map[string]conformance.Case{}, map[string][]string{}
	for _, c := range relyingparties.Cases() {
		all[c.ID] = c
		for _, id := range c.Catches {
			naming[id] = append(naming[id], c.ID)
		}
	}
	return all, naming
}

// A case that names a mistake fails on a relying party that makes it.
func TestCasesCatchTheirFaults(t *testing.T) {
	t.Parallel()
	all, naming := byMistake()
	for id, ids := range naming {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			_, err := fault.Lookup(id)
			require.NoError(t, err)
			left, seen := slices.Clone(ids), map[string]string{}
			for _, target := range subject.Usual() {
				out := conformance.Run(t.Context(), faulty(target, id), beside(all, left), conformance.Options{Seed: 1, Parallel: 1})
				for _, r := range out.Results {
					seen[r.Case.ID] += "\n" + r.Verdict.String() + " " + r.Reason
					if r.Verdict == conformance.Fail {
						left = slices.DeleteFunc(left, func(id string) bool { return id == r.Case.ID })
					}
				}
			}
			for _, c := range left {
				t.Errorf("%s does not fail:%s", c, seen[c])
			}
		})
	}
}

// Every mistake is noticed by a case that names it, or there is a reason.
func TestEveryFaultIsCaught(t *testing.T) {
	t.Parallel()
	_, naming := byMistake()
	excused := subject.NotJudged()
	for _, f := range fault.All() {
		_, is := excused[f.ID]
		assert.True(t, len(naming[f.ID]) > 0 || is, "no case catches %s: %s", f.ID, f.Doc)
		assert.False(t, len(naming[f.ID]) > 0 && is, "%s is caught, and excused", f.ID)
	}
	for id, why := range excused {
		_, err := fault.Lookup(id)
		assert.NoError(t, err)
		assert.NotEmpty(t, why)
	}
}

// Every case names a mistake that it fails on.
func TestEveryCaseIsProved(t *testing.T) {
	t.Parallel()
	for _, c := range relyingparties.Cases() {
		assert.NotEmpty(t, c.Catches, "%s is proved by nothing", c.ID)
	}
}
