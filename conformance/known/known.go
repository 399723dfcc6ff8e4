// Package known holds what was found of a target to the failures that are known of it.
//
// It owns the comparison of an outcome with a list of failures and their reasons. It must
// never know what is judged.
package known

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
)

// Failures are the cases that a target fails, or breaks, by ID or by a pattern of
// [path.Match] over IDs, with the reason for each.
type Failures map[string]string

// Differences are sentences about what an outcome has otherwise: what fails and is not
// known to, what is known to fail and passes, and what is known of no case that was
// judged. None, and the outcome is as it is known to be.
func (f Failures) Differences(out *conformance.Outcome) []string {
	var all []string
	seen := map[string]bool{}
	for i := range out.Results {
		r := &out.Results[i]
		failed := r.Verdict == conformance.Fail || r.Verdict == conformance.Error
		patterns := f.about(r.Case.ID)
		switch {
		case failed && len(patterns) == 0:
			all = append(all, fmt.Sprintf("%s is not known to fail (%s): %s; expected %s, seen %s", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen))
		case r.Verdict == conformance.Pass && len(patterns) > 0:
			all = append(all, fmt.Sprintf("%s passes, which %q says that it does not: %s", r.Case.ID, patterns[0], f[patterns[0]]))
		}
		for _, pattern := range patterns {
			seen[pattern] = seen[pattern] || failed
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(f)) {
		if !seen[pattern] {
			all = append(all, fmt.Sprintf("nothing failed that %q names: %s", pattern, f[pattern]))
		}
	}
	return all
}

// about are the patterns that name a case, in order.
func (f Failures) about(id string) []string {
	var all []string
	for _, pattern := range slices.Sorted(maps.Keys(f)) {
		if fits, err := path.Match(pattern, id); fits && err == nil {
			all = append(all, pattern)
		}
	}
	return all
}
