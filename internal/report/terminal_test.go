package report_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/report"
)

func summaryOf(t *testing.T, r *report.Report, width int, color bool) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Summary(&out, r, width, color))
	return out.String()
}

func TestSummary(t *testing.T) {
	t.Parallel()
	golden(t, "summary.txt", []byte(summaryOf(t, sample(), 100, false)))
}

func TestSummaryFitsNarrowTerminals(t *testing.T) {
	t.Parallel()
	out := summaryOf(t, sample(), 44, false)
	matrix, _, _ := strings.Cut(out, "\n\n")
	for line := range strings.Lines(matrix) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 44, line)
	}
	assert.Contains(t, matrix, "…", "long names are shortened")
}

func TestSummaryColour(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, summaryOf(t, sample(), 100, false), "\x1b")
	assert.Contains(t, summaryOf(t, sample(), 100, true), "\x1b[31m✗\x1b[0m")
}

// Of hundreds of entries a summary counts those of each group.
func TestBriefSummary(t *testing.T) {
	t.Parallel()
	r := small()
	r.Brief = true
	out := summaryOf(t, r, 100, false)
	assert.Contains(t, out, "  login    2 passed  2 failed  1 broken  1 skipped  1 not applicable\n  getinfo  1 waived\n\n")
	assert.Contains(t, out, "~ wire: 1 waived: waived, known: no answer")
}

// What passed only when it was tried again is no failure, and is told all the same.
func TestSummaryTellsOfEarlierTries(t *testing.T) {
	t.Parallel()
	out := summaryOf(t, small(), 100, false)
	assert.Contains(t, out, "≈ login/again · wire passed in try 2\n    earlier   not logged in\n              expected: two\n")
	assert.NotContains(t, out, "login/never · wire passed")
	assert.Contains(t, out, "2 passed · 1 of them not at first · 2 failed")
}

func TestSummaryOfNothing(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "nothing was run\n", summaryOf(t, &report.Report{}, 80, false))
}

func TestTerminalIsNotSteeredByText(t *testing.T) {
	t.Parallel()
	r := filledWith("a\x1b[2Jb\r\x07\u009bc")
	assert.NotContains(t, summaryOf(t, r, 80, false), "\x1b")
	var out bytes.Buffer
	p := report.NewProgress(&out, report.ProgressOptions{})
	p.Start(r.Entries[0].ID, r.Entries[0].Variant)
	p.Done(&r.Entries[0])
	p.Done(&r.Entries[1])
	for _, bad := range []string{"\x1b", "\r", "\x07", "\u009b"} {
		assert.NotContains(t, out.String(), bad)
	}
}

func TestSummaryReportsWriteErrors(t *testing.T) {
	t.Parallel()
	assert.ErrorIs(t, report.Summary(brokenWriter{}, small(), 80, false), errBroken)
}

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestProgressPlain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := report.NewProgress(&out, report.ProgressOptions{Total: 12})
	for i := range small().Entries {
		e := small().Entries[i]
		p.Start(e.ID, e.Variant)
		p.Done(&e)
	}
	p.Close()
	assert.Equal(t, strings.Join([]string{
		"[ 1/12] ✗ login/button · proxy  not logged in",
		"[ 2/12] ✓ login/button · wire  3 ms",
		"[ 3/12] ✓ login/again · wire  0 µs",
		"[ 4/12] ✗ login/never · wire  not logged in",
		"[ 5/12] · login/autofill · proxy  not applicable: no conditional requests",
		"[ 6/12] – login/autofill · wire  skipped: no display; install Xvfb",
		"[ 7/12] ! login/other · wire  no verdict was reached",
		"[ 8/12] ~ getinfo/plain · wire  waived: waived, known: no answer",
		"",
	}, "\n"), out.String())
}

// Of hundreds of entries only those that went wrong get a line.
func TestProgressTerse(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := report.NewProgress(&out, report.ProgressOptions{Total: 12, Terse: true})
	for i := range small().Entries {
		e := small().Entries[i]
		p.Start(e.ID, e.Variant)
		p.Done(&e)
	}
	p.Close()
	assert.Equal(t, "[ 1/12] ✗ login/button · proxy  not logged in\n[ 4/12] ✗ login/never · wire  not logged in\n[ 7/12] ! login/other · wire  no verdict was reached\n", out.String())
}

func TestProgressLive(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := report.NewProgress(&out, report.ProgressOptions{Total: 2, Live: true, Width: 40})
	p.Start("login/button", "wire")
	p.Start("login/a-very-long-name-that-does-not-fit", "proxy")
	p.Done(&report.Entry{ID: "login/button", Variant: "wire", Verdict: report.Pass, Duration: time.Second})
	p.Close()
	assert.Equal(t, "\r\x1b[K[0/2] · login/button · wire"+
		"\r\x1b[K[0/2] · login/button · wire, login/a-v…"+
		"\r\x1b[K[1/2] ✓ login/button · wire  1.0 s\n[1/2] · login/a-very-long-name-that-do…"+
		"\r\x1b[K", out.String())
}

func TestProgressIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := report.NewProgress(&out, report.ProgressOptions{Live: true})
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			p.Start("a", "b")
			p.Done(&report.Entry{ID: "a", Variant: "b", Verdict: report.Fail})
		})
	}
	group.Wait()
	assert.Contains(t, out.String(), "[50] · 50 failed")
}
