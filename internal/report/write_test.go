package report_test

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files from what is written now")

// golden compares got with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "if the change is meant: go test -run %s -update", t.Name())
}

// small has one entry of each verdict, with one of everything in the first.
func small() *report.Report {
	return &report.Report{
		Title: "Passkey journeys", Tool: "passkeylab", Version: "0.1.0", Commit: "3f9c2d1b7a40",
		Subject: report.Noun{One: "journey", Many: "journeys"}, Variant: report.Noun{One: "link", Many: "links"},
		Started: time.Date(2026, 11, 23, 10, 30, 0, 0, time.FixedZone("CET", 3600)), Duration: 1500 * time.Millisecond,
		Seed: 1<<63 + 1, Machine: map[string]string{"Go": "1.26.8"}, Variants: []string{"proxy", "wire"},
		Entries: []report.Entry{
			{
				ID: "login/button", Variant: "proxy", Story: "Log in.", Verdict: report.Fail, Reason: "not logged in",
				Duration: 412345 * time.Microsecond, Seed: 7, Repeat: "passkeylab run login/button --link proxy --seed 7",
				Expected: "two\nlines", Seen: "<one> & \"another\"",
				Steps: []report.Step{
					{At: time.Millisecond, Text: "open the page", Screenshot: []byte{1}, ScreenshotType: "image/png"},
					{At: 2 * time.Millisecond, Text: "press the button", Failed: true},
				},
				Transcript: []report.Message{{
					At: 1500 * time.Microsecond, From: "client", To: "phone", Layer: "CTAP", Name: "authenticatorGetInfo",
					Status: "CTAP2_OK", Bytes: []byte{0x04, 0xff}, Decoded: "a\nb",
				}},
				Log: []report.LogLine{
					{At: time.Millisecond, Code: "f", Description: "Failed login", User: "alice@example.com", Details: json.RawMessage(`{"a":1}`)},
					{Code: "x", Details: json.RawMessage(`{broken`)},
				},
			},
			{ID: "login/button", Variant: "wire", Story: "Log in.", Verdict: report.Pass, Duration: 3 * time.Millisecond, Seed: 8},
			{ID: "login/again", Variant: "wire", Story: "Log in.", Verdict: report.Pass, Seed: 9, Earlier: []string{"not logged in\nexpected: two\nseen: one"}},
			{ID: "login/never", Variant: "wire", Story: "Log in.", Verdict: report.Fail, Reason: "not logged in", Seed: 10, Earlier: []string{"no page"}},
			{ID: "login/autofill", Variant: "proxy", Story: "Pick.", Verdict: report.NotApplicable, Reason: "no conditional requests"},
			{ID: "login/autofill", Variant: "wire", Story: "Pick.", Verdict: report.Skipped, Reason: "no display; install Xvfb"},
			{ID: "login/other", Variant: "wire", Story: "Never judged."},
			{ID: "getinfo/plain", Variant: "wire", Story: "Answers.", Rule: "MUST, CTAP 2.3 §6.4", Verdict: report.Waived, Reason: "waived, known: no answer"},
		},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, report.WriteDir(dir, small()))
	for _, name := range []string{"report.json", "junit.xml"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		golden(t, name, got)
	}
}

func TestEmptyReportIsSound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, report.WriteDir(dir, &report.Report{}))
	assertSound(t, dir)
}

func TestWriteDirMakesTheFolderAndLeavesNothingBeside(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, report.WriteDir(dir, small()))
	require.NoError(t, report.WriteDir(dir, small()), "over a former report")
	assert.ElementsMatch(t, []string{"index.html", "junit.xml", "report.json"}, names(t, dir))
	info, err := os.Stat(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode().Perm(), "others may read a report")
}

func TestWriteDirErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "taken")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.ErrorContains(t, report.WriteDir(file, small()), "choose another")

	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "index.html", "in the way"), 0o755))
	require.ErrorContains(t, report.WriteDir(dir, small()), "index.html")
	assert.Equal(t, []string{"index.html"}, names(t, dir), "nothing of the failed report stays")
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// FuzzText puts any text into every field and reads all three files back.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"plain", "", "<script>", "]]>", "</testcase>", "\x00\x01\x1b[2J", "\xff\xfe\xed\xa0\x80", "\ufffe\uffff", `{"a":`, "a\r\nb\tc", strings.Repeat("é", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		require.NoError(t, report.WriteDir(dir, filledWith(text)))
		assertSound(t, dir)
		require.NoError(t, report.Summary(io.Discard, filledWith(text), 80, true))
	})
}

// assertSound reads the files of a report with parsers that are not ours.
func assertSound(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"report.json", "junit.xml", "index.html"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.True(t, utf8.Valid(content), "%s is not UTF-8", name)
		switch name {
		case "report.json":
			require.True(t, json.Valid(content))
		case "junit.xml":
			var any struct{}
			require.NoError(t, xml.Unmarshal(content, &any))
			for _, r := range string(content) {
				require.True(t, legalXML(r), "%q is not a character of XML 1.0", r)
			}
		}
	}
}

// legalXML is production [2] of XML 1.0.
func legalXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
