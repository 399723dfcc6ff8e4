package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/known"
)

func outcome(verdicts map[string]conformance.Verdict) *conformance.Outcome {
	out := &conformance.Outcome{}
	for _, id := range []string{"a/one", "a/two", "b/one"} {
		out.Results = append(out.Results, conformance.Result{Case: &conformance.Case{ID: id}, Verdict: verdicts[id], Reason: "the reason"})
	}
	return out
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	type verdicts = map[string]conformance.Verdict
	for name, c := range map[string]struct {
		known known.Failures
		found verdicts
		want  []string // beginnings of what differs
	}{
		"nothing known, nothing found": {nil, verdicts{"a/one": conformance.Pass, "a/two": conformance.Pass, "b/one": conformance.Skipped}, nil},
		"as known":                     {known.Failures{"a/*": "why", "b/one": "why"}, verdicts{"a/one": conformance.Fail, "a/two": conformance.Error, "b/one": conformance.Fail}, nil},
		"not concerned":                {known.Failures{"a/*": "why"}, verdicts{"a/one": conformance.Fail, "a/two": conformance.Unsupported, "b/one": conformance.Pass}, nil},
		"worse":                        {known.Failures{"a/one": "why"}, verdicts{"a/one": conformance.Fail, "a/two": conformance.Error, "b/one": conformance.Pass}, []string{"a/two is not known to fail"}},
		"better":                       {known.Failures{"a/*": "why"}, verdicts{"a/one": conformance.Fail, "a/two": conformance.Pass, "b/one": conformance.Pass}, []string{"a/two passes"}},
		"all better":                   {known.Failures{"a/one": "why"}, verdicts{"a/one": conformance.Pass, "a/two": conformance.Pass, "b/one": conformance.Pass}, []string{"a/one passes", `nothing failed that "a/one"`}},
		"of no case":                   {known.Failures{"c/*": "why"}, verdicts{"a/one": conformance.Pass, "a/two": conformance.Pass, "b/one": conformance.Pass}, []string{`nothing failed that "c/*"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.known.Differences(outcome(c.found))
			require.Len(t, got, len(c.want), "%q", got)
			for i, begin := range c.want {
				assert.Contains(t, got[i], begin)
			}
		})
	}
}
