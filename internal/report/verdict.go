package report

// Verdict is what was found out about one Entry. Its zero value is Error, so
// that an entry nobody judged never passes.
type Verdict uint8

// Verdicts, the gravest first.
const (
	Error         Verdict = iota // the run itself broke, or nobody judged
	Fail                         // carried out, and not as expected
	Waived                       // the same, and somebody has said that it may be so; Reason says why
	Skipped                      // this machine cannot carry it out; Reason says why and how to mend it
	NotApplicable                // this variant cannot carry it, on any machine; Reason says why
	Pass                         // carried out, as expected
)

// verdictWords gives each verdict its stable name in report.json, its words
// for people, and its sign in a matrix.
var verdictWords = [...]struct{ name, words, symbol string }{
	Error:         {"error", "broken", "!"},
	Fail:          {"fail", "failed", "✗"},
	Waived:        {"waived", "waived", "~"},
	Skipped:       {"skipped", "skipped", "–"},
	NotApplicable: {"not-applicable", "not applicable", "·"},
	Pass:          {"pass", "passed", "✓"},
}

// readingOrder is the order in which totals are told.
var readingOrder = [...]Verdict{Pass, Fail, Error, Waived, Skipped, NotApplicable}

// String returns the stable name used in report.json: "pass", "fail", "waived",
// "skipped", "not-applicable" or "error".
func (v Verdict) String() string { return verdictWords[v.or()].name }

// Words returns the verdict as one says it after a count: "passed",
// "not applicable".
func (v Verdict) Words() string { return verdictWords[v.or()].words }

// Symbol returns the one-column sign of the verdict: ✓ ✗ ! ~ – ·
func (v Verdict) Symbol() string { return verdictWords[v.or()].symbol }

// MarshalText returns the stable name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// or returns v, or Error for a value outside the list.
func (v Verdict) or() Verdict {
	if int(v) < len(verdictWords) {
		return v
	}
	return Error
}
