package conformance

import (
	"fmt"
	"io"
)

// WriteBadge writes a small picture (SVG) that tells how many of the cases that
// were judged passed. It holds numbers alone, so nothing of the subject gets in.
func (o *Outcome) WriteBadge(w io.Writer) error {
	passed := o.Count(Pass)
	judged := passed + o.Count(Fail) + o.Count(Error) + o.Count(Waived)
	color := "#17753b"
	if len(o.Objections()) > 0 {
		color = "#c22a22"
	}
	text := fmt.Sprintf("%d of %d", passed, judged)
	const label, glyph, margin = "conformance", 7, 10 // widths in pixels
	left, right := len(label)*glyph+margin, len(text)*glyph+margin
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="20" role="img" aria-label="%s: %s">
<title>%[2]s: %[3]s</title>
<rect width="%[4]d" height="20" fill="#555"/><rect x="%[4]d" width="%[5]d" height="20" fill="%[6]s"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="%[7]d" y="14">%[2]s</text><text x="%[8]d" y="14">%[3]s</text></g>
</svg>
`, left+right, label, text, left, right, color, left/2, left+right/2)
	return err
}
