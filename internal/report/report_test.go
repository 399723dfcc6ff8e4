package report_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/report"
)

func TestVerdictOfTheRun(t *testing.T) {
	t.Parallel()
	const pass, fail, broken, skipped, na = report.Pass, report.Fail, report.Error, report.Skipped, report.NotApplicable
	for _, c := range []struct {
		name     string
		verdicts []report.Verdict
		want     report.Verdict
		exit     int
	}{
		{"nothing run", nil, broken, 2},
		{"all passed", []report.Verdict{pass, pass}, pass, 0},
		{"some left out", []report.Verdict{pass, skipped, na}, pass, 0},
		{"all left out", []report.Verdict{skipped, na}, skipped, 2},
		{"one failed", []report.Verdict{pass, fail, skipped}, fail, 1},
		{"one broke", []report.Verdict{pass, broken}, broken, 1},
		{"a failure outweighs a breakage", []report.Verdict{broken, fail}, fail, 1},
		{"a value outside the list is broken", []report.Verdict{pass, 200}, broken, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &report.Report{}
			for _, v := range c.verdicts {
				r.Entries = append(r.Entries, report.Entry{Verdict: v})
			}
			assert.Equal(t, c.want, r.Verdict())
			assert.Equal(t, c.exit, r.ExitStatus())
		})
	}
}

// Machines rely on these names.
func TestVerdictNamesAreStable(t *testing.T) {
	t.Parallel()
	for v, want := range map[report.Verdict][3]string{
		report.Pass:          {"pass", "passed", "✓"},
		report.Fail:          {"fail", "failed", "✗"},
		report.Waived:        {"waived", "waived", "~"},
		report.Skipped:       {"skipped", "skipped", "–"},
		report.NotApplicable: {"not-applicable", "not applicable", "·"},
		report.Error:         {"error", "broken", "!"},
		99:                   {"error", "broken", "!"},
	} {
		assert.Equal(t, want, [3]string{v.String(), v.Words(), v.Symbol()})
		text, err := v.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, want[0], string(text))
	}
	var zero report.Entry
	assert.Equal(t, report.Error, zero.Verdict, "an entry nobody judged never passes")
}
