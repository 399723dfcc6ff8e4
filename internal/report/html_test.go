package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/internal/report"
)

// keep is for looking at the page: go test -run TestSamplePage -keep DIR.
var keep = flag.String("keep", "", "also write the sample report to this folder")

func TestSamplePage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if *keep != "" {
		dir = *keep
	}
	require.NoError(t, report.WriteDir(dir, sample()))
	page := readPage(t, dir)
	text := page.text()

	assert.Contains(t, text, "1 failed and 1 broke, of 40")
	assert.Contains(t, text, "10 journeys on 4 links in 41.4 s")
	assert.Contains(t, text, "passkeylab run fault/counter-backwards --link cdp --seed")
	assert.Contains(t, text, "signature counter went from 7 to 3", "expected")
	assert.Contains(t, text, "Welcome back, alice@example.com", "seen")
	assert.Contains(t, text, "0000  02 a3 01 72", "bytes in hex")
	assert.Len(t, page.find("article"), 10, "a card per journey")
	assert.Len(t, page.withClass("entry"), 40, "an entry per journey and link")
	assert.Equal(t, 4*26, len(page.withClass("shot")), "four pictures of each entry that has any")
}

func TestMatrixLinksLeadToEntries(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Entries = append(r.Entries, r.Entries[0], r.Entries[0]) // a repeated entry
	page := writePage(t, r)

	ids := map[string]bool{}
	page.each(func(n *html.Node) {
		if id := attribute(n, "id"); id != "" {
			assert.False(t, ids[id], "id %q is there twice", id)
			ids[id] = true
		}
	})
	links := 0
	page.each(func(n *html.Node) {
		if to, ok := strings.CutPrefix(attribute(n, "href"), "#"); ok {
			links++
			assert.True(t, ids[to], "nothing at #%s", to)
		}
	})
	assert.Greater(t, links, 50)
}

// A report may carry anything that a hostile page, device or server made up.
func TestHostileTextStaysInert(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"script":        `<script>alert(1)</script>`,
		"close script":  `</script><img src=x onerror=alert(1)>`,
		"close style":   `</style><iframe src="javascript:alert(1)"></iframe>`,
		"quote":         `" autofocus onfocus="alert(1)`,
		"single quote":  `' onclick='alert(1)`,
		"comment":       `--><svg onload=alert(1)>`,
		"template":      `{{.Script}}`,
		"control":       "a\x00b\x1b[31mc\u202ed",
		"invalid UTF-8": "a\xff\xfe\xc0b",
		"url":           "javascript:alert(1)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := writePage(t, filledWith(text))
			plain := writePage(t, filledWith("plain"))
			assert.Equal(t, plain.shape(), page.shape(), "the text changed the page's elements")
			assert.False(t, strings.ContainsAny(page.source, "\x00\x1b\u202e"))
			page.each(func(n *html.Node) { assertHarmless(t, n) })
		})
	}
}

func assertHarmless(t *testing.T, n *html.Node) {
	t.Helper()
	for _, a := range n.Attr {
		assert.False(t, strings.HasPrefix(a.Key, "on"), "%s has a handler %s", n.Data, a.Key)
		if a.Key == "href" || a.Key == "src" {
			assert.True(t, strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "data:"), "%s leads to %q", n.Data, a.Val)
		}
	}
}

// The policy in the head admits exactly the page's own script and style.
func TestPolicyMatchesThePage(t *testing.T) {
	t.Parallel()
	page := writePage(t, sample())
	var policy string
	for _, n := range page.find("meta") {
		if attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(n, "content")
		}
	}
	assert.Contains(t, policy, "default-src 'none'")
	for _, tag := range []string{"script", "style"} {
		nodes := page.find(tag)
		require.Len(t, nodes, 1)
		sum := sha256.Sum256([]byte(nodes[0].FirstChild.Data))
		assert.Contains(t, policy, tag+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	page.each(func(n *html.Node) { assert.Empty(t, attribute(n, "style"), "the policy forbids style attributes") })
}

func TestUnknownPicturesAreNotShown(t *testing.T) {
	t.Parallel()
	for kind, shown := range map[string]int{
		"image/png": 1, "image/jpeg": 1, "image/webp": 1, "image/svg+xml": 0, "text/html": 0, "": 0,
	} {
		r := &report.Report{Entries: []report.Entry{{
			ID: "a", Steps: []report.Step{{Text: "look", Screenshot: []byte("x"), ScreenshotType: kind}},
		}}}
		assert.Len(t, writePage(t, r).withClass("shot"), shown, "type %q", kind)
	}
}

func TestHeadlines(t *testing.T) {
	t.Parallel()
	of := func(verdicts ...report.Verdict) *report.Report {
		r := &report.Report{}
		for _, v := range verdicts {
			r.Entries = append(r.Entries, report.Entry{ID: "a", Verdict: v})
		}
		return r
	}
	for want, r := range map[string]*report.Report{
		"Nothing was run":              of(),
		"All 2 passed":                 of(report.Pass, report.Pass),
		"1 passed, none failed":        of(report.Pass, report.Skipped),
		"1 of 2 failed":                of(report.Pass, report.Fail),
		"1 of 2 broke":                 of(report.Pass, report.Error),
		"Nothing could be carried out": of(report.Skipped, report.NotApplicable),
	} {
		headings := writePage(t, r).find("h1")
		require.Len(t, headings, 1)
		assert.Contains(t, nodeText(headings[0]), want)
	}
}

// A run with hundreds of pictures is still written at once.
func TestLargeReportIsQuick(t *testing.T) {
	t.Parallel()
	r := large()
	dir := t.TempDir()
	before := time.Now()
	require.NoError(t, report.WriteDir(dir, r))
	took := time.Since(before)
	info, err := os.Stat(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	assert.Greater(t, info.Size(), int64(100*4*25<<10), "all pictures are in")
	assert.Less(t, info.Size(), int64(16<<20))
	assert.Less(t, took, 5*time.Second, "a second on an idle machine, more leeway on a busy one")
}

func BenchmarkWriteLargeReport(b *testing.B) {
	r, dir := large(), b.TempDir()
	for b.Loop() {
		if err := report.WriteDir(dir, r); err != nil {
			b.Fatal(err)
		}
	}
}

// large has 100 entries with 4 pictures of 25 KB each.
func large() *report.Report {
	r := sample()
	r.Entries = nil
	picture := bytes.Repeat([]byte("\x89PNG picture "), 25<<10/13+1)
	for i := range 100 {
		e := sampleEntry("login/button", "One press.", "proxy", i)
		e.ID += string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		for j := range e.Steps {
			if e.Steps[j].Screenshot != nil {
				e.Steps[j].Screenshot = picture
			}
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}
