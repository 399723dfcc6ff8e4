package conformance

import (
	"context"
	"fmt"
	"strings"
)

// Tester is the part of *testing.T that [Test] uses: T is *testing.T itself.
type Tester[T any] interface {
	Helper()
	Context() context.Context
	Run(name string, f func(t T)) bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Test judges a target by cases, each a subtest of its own with the ID as its
// name. Subtests of cases that do not concern the subject, or that the bench
// cannot carry out, are skipped; under [Options.Strict] the latter fail.
func Test[T Tester[T]](t T, target Target, cases []Case, o Options) {
	t.Helper()
	outcome := Run(t.Context(), target, cases, o)
	for i := range outcome.Results {
		r := &outcome.Results[i]
		t.Run(r.Case.ID, func(t T) {
			t.Helper()
			switch {
			case r.Verdict == Pass:
			case r.Verdict == Fail, r.Verdict == Error, r.Verdict == Skipped && o.Strict:
				t.Errorf("%s", r.explain())
			default:
				t.Skipf("%s: %s", r.Verdict.Words(), r.Reason)
			}
		})
	}
	for _, objection := range outcome.Objections() {
		t.Logf("%s", objection)
	}
	if len(outcome.Results) == 0 {
		t.Fatalf("nothing was judged")
	}
}

// explain tells a failure to the reader of a test's output.
func (r *Result) explain() string {
	text := fmt.Sprintf("%s\n%s\n%s: %s", r.Case.Doc, r.Case.Requirement(), r.Verdict.Words(), r.Reason)
	if r.Expected != "" || r.Seen != "" {
		text += fmt.Sprintf("\nexpected: %s\nseen:     %s", r.Expected, r.Seen)
	}
	for _, m := range r.Messages {
		said := fmt.Sprintf("%x", m.Bytes)
		if len(m.Bytes) == 0 { // what was no bytes on its way
			said = strings.ReplaceAll(m.Decoded, "\n", "\n  ")
		}
		text += fmt.Sprintf("\n%s → %s %s %s\n  %s", m.From, m.To, m.Name, m.Status, said)
	}
	return text
}
