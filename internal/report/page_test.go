package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/internal/report"
)

// htmlPage is a written page, parsed as a browser would.
type htmlPage struct {
	source string
	root   *html.Node
}

func writePage(t *testing.T, r *report.Report) htmlPage {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, report.WriteDir(dir, r))
	return readPage(t, dir)
}

func readPage(t *testing.T, dir string) htmlPage {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	root, err := html.Parse(strings.NewReader(string(source)))
	require.NoError(t, err)
	return htmlPage{string(source), root}
}

func (p htmlPage) each(visit func(*html.Node)) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

func (p htmlPage) find(tag string) (found []*html.Node) {
	p.each(func(n *html.Node) {
		if n.Data == tag {
			found = append(found, n)
		}
	})
	return found
}

func (p htmlPage) withClass(class string) (found []*html.Node) {
	p.each(func(n *html.Node) {
		if slices.Contains(strings.Fields(attribute(n, "class")), class) {
			found = append(found, n)
		}
	})
	return found
}

func (p htmlPage) text() string { return nodeText(p.root) }

// shape is the page without its texts: which elements with which attributes.
func (p htmlPage) shape() string {
	var b strings.Builder
	p.each(func(n *html.Node) {
		b.WriteString(n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
		}
		b.WriteByte('\n')
	})
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func nodeText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// filledWith returns a report with text in every place that takes text.
func filledWith(text string) *report.Report {
	return &report.Report{
		Title: text, Tool: text, Version: text, Commit: text,
		Subject: report.Noun{One: text, Many: text}, Variant: report.Noun{One: text, Many: text},
		Machine: map[string]string{text: text}, Variants: []string{text},
		Entries: []report.Entry{
			{
				ID: text, Variant: text, Story: text, Rule: text, Verdict: report.Fail, Reason: text, Repeat: text, Expected: text, Seen: text,
				Steps:      []report.Step{{Text: text, Failed: true, Screenshot: []byte(text), ScreenshotType: "image/png"}, {Text: text, ScreenshotType: text}},
				Transcript: []report.Message{{From: text, To: text, Layer: text, Name: text, Status: text, Bytes: []byte(text), Decoded: text}},
				Log:        []report.LogLine{{Code: text, Description: text, User: text, Details: []byte(text)}},
			},
			{ID: text, Variant: text, Verdict: report.Skipped, Reason: text},
		},
	}
}
