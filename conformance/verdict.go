package conformance

import "github.com/passkeylab/passkeylab/internal/report"

// Verdict is what was found out about a case. Its zero value is Error, so that a
// case that nobody judged never passes.
type Verdict = report.Verdict

// The verdicts. Fail is the subject's, Error nobody's: it did not answer, or the
// bench or the case broke.
const (
	Error       = report.Error
	Fail        = report.Fail
	Waived      = report.Waived        // failed, and somebody has said that it may
	Skipped     = report.Skipped       // the bench lacks something
	Unsupported = report.NotApplicable // the subject lacks the feature
	Pass        = report.Pass
)
