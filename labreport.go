package passkeylab

import (
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
)

// fails is what a testing.T tells besides, where the T of a lab is one.
type fails interface {
	Failed() bool
	Skipped() bool
}

// writeReport writes the record of the test to the folder of [WithReport].
func (l *Lab) writeReport() error {
	e := l.options.entry
	e.ID, e.Variant, e.Seed = l.t.Name(), string(l.options.link), l.options.seed
	e.Repeat = "go test -run '^" + strings.ReplaceAll(l.t.Name(), "/", "$/^") + "$'"
	e.Verdict, e.Reason = l.verdict()
	return report.WriteDir(l.options.report, &report.Report{
		Title: "Passkey test " + l.t.Name(), Tool: "passkeylab",
		Subject: report.Noun{One: "test", Many: "tests"}, Variant: report.Noun{One: "link", Many: "links"},
		Started: l.record.started, Duration: time.Since(l.record.started), Seed: l.options.seed,
		Variants: []string{e.Variant}, Entries: []report.Entry{*e},
	})
}

// verdict is how the test has ended, and why.
func (l *Lab) verdict() (report.Verdict, string) {
	test, tells := l.t.(fails)
	switch {
	case l.failed:
		return report.Fail, l.record.failure()
	case tells && test.Failed():
		return report.Fail, "the test found something wrong by itself; go test printed what"
	case tells && test.Skipped():
		return report.Skipped, "the test skipped itself; go test printed why"
	}
	return report.Pass, ""
}
