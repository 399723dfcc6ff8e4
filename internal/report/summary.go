package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Summary writes the matrix, why entries were left out, what passed only when
// tried again, what failed and how to repeat it, and the totals: the graver, the nearer to the end, since logs are
// often kept by their tails. Lines are kept to width columns where a
// shorter text still tells all; color says whether ANSI colours may be used.
func Summary(w io.Writer, r *Report, width int, color bool) error {
	s := summary{report: r, width: max(width, 40), ink: ink(color)}
	if r.Brief {
		s.groups()
	} else {
		s.matrix(newMatrix(r))
	}
	s.omissions()
	s.unsteady()
	s.failures()
	s.totals()
	_, err := io.WriteString(w, s.out.String())
	return err
}

type summary struct {
	report *Report
	width  int
	ink    ink
	out    strings.Builder
}

func (s *summary) line(format string, args ...any) {
	s.out.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (s *summary) matrix(m matrix) {
	if len(m.rows) == 0 {
		return
	}
	first := columns(s.report.subject().Many)
	for _, row := range m.rows {
		first = max(first, columns(oneLine(row.id)))
	}
	cells := 0
	for _, name := range m.columns {
		cells += 2 + columns(oneLine(name))
	}
	first = min(first, max(12, s.width-2-cells))

	head := pad(s.report.subject().Many, first)
	for _, name := range m.columns {
		head += "  " + oneLine(name)
	}
	s.line("  %s", s.ink.paint(dim, head))
	for _, row := range m.rows {
		text := pad(clip(oneLine(row.id), first), first)
		for i, cell := range row.cells {
			text += "  " + s.cell(cell, columns(oneLine(m.columns[i])))
		}
		s.line("  %s", text)
	}
	s.line("")
}

// cell centres the verdict's sign under a heading of the given width.
func (s *summary) cell(cell []*Entry, width int) string {
	before := max(0, width-1) / 2
	after := max(0, width-1-before)
	sign := " "
	if e := gravest(cell); e != nil {
		sign = s.ink.verdict(e.Verdict, e.Verdict.Symbol())
	}
	return strings.Repeat(" ", before) + sign + strings.Repeat(" ", after)
}

func (s *summary) failures() {
	for i := range s.report.Entries {
		e := &s.report.Entries[i]
		if v := e.Verdict.or(); v != Fail && v != Error {
			continue
		}
		s.line("%s %s %s", s.ink.verdict(e.Verdict, e.Verdict.Symbol()),
			s.ink.paint(bold, label(e)), s.ink.verdict(e.Verdict, e.Verdict.Words()))
		s.detail("about", e.Story)
		s.detail("rule", e.Rule)
		s.detail("reason", e.Reason)
		s.detail("expected", e.Expected)
		s.detail("seen", e.Seen)
		s.detail("seed", decimal(e.Seed))
		s.detail("repeat", e.Repeat)
		s.line("")
	}
}

// unsteady tells what passed only when it was tried again, and why not before.
func (s *summary) unsteady() {
	if s.report.Unsteady() == 0 {
		return
	}
	for i := range s.report.Entries {
		e := &s.report.Entries[i]
		if !e.unsteady() {
			continue
		}
		s.line("%s %s %s", s.ink.paint(yellow, "≈"), s.ink.paint(bold, label(e)),
			s.ink.paint(yellow, fmt.Sprintf("passed in try %d", len(e.Earlier)+1)))
		for _, why := range e.Earlier {
			s.detail("earlier", why)
		}
		s.detail("repeat", e.Repeat)
	}
	s.line("")
}

// detail writes one labelled text, further lines of it below the first.
func (s *summary) detail(label, text string) {
	if text == "" {
		return
	}
	name := pad(label, 8)
	for line := range strings.Lines(visible(text)) {
		s.line("    %s  %s", s.ink.paint(dim, name), strings.TrimRight(line, "\n"))
		name = pad("", 8)
	}
}

// omissions tells each reason for not running once, with how often it applied.
func (s *summary) omissions() {
	type omission struct {
		variant, reason string
		verdict         Verdict
	}
	var order []omission
	times := map[omission]int{}
	for i := range s.report.Entries {
		e := &s.report.Entries[i]
		if e.Verdict != Skipped && e.Verdict != NotApplicable && e.Verdict != Waived {
			continue
		}
		o := omission{e.Variant, e.Reason, e.Verdict}
		if times[o]++; times[o] == 1 {
			order = append(order, o)
		}
	}
	for _, o := range order {
		s.line("%s %s%d %s: %s", s.ink.verdict(o.verdict, o.verdict.Symbol()),
			s.omittedFrom(o.variant), times[o], o.verdict.Words(), oneLine(o.reason))
	}
	if len(order) > 0 {
		s.line("")
	}
}

// omittedFrom names the variant that reasons stand for, where there are any.
func (s *summary) omittedFrom(variant string) string {
	if variant == "" {
		return ""
	}
	return oneLine(variant) + ": "
}

// groups counts the verdicts of the entries of each group, in their order.
func (s *summary) groups() {
	var order []string
	counts := map[string]map[Verdict]int{}
	first := 0
	for i := range s.report.Entries {
		e := &s.report.Entries[i]
		name := oneLine(group(e.ID))
		if counts[name] == nil {
			counts[name] = map[Verdict]int{}
			order = append(order, name)
			first = max(first, columns(name))
		}
		counts[name][e.Verdict.or()]++
	}
	for _, name := range order {
		text := pad(name, first)
		for _, v := range readingOrder {
			if n := counts[name][v]; n > 0 {
				text += "  " + s.ink.verdict(v, fmt.Sprintf("%d %s", n, v.Words()))
			}
		}
		s.line("  %s", text)
	}
	if len(order) > 0 {
		s.line("")
	}
}

func (s *summary) totals() {
	if len(s.report.Entries) == 0 {
		s.line("%s", s.ink.verdict(Error, "nothing was run"))
		return
	}
	s.line("%s in %s, seed %d", strings.Join(s.counts(), s.ink.paint(dim, " · ")), short(s.report.Duration), s.report.Seed)
}

// counts returns "57 passed", "2 failed" and so on, leaving out what is zero.
func (s *summary) counts() []string {
	var parts []string
	for _, v := range readingOrder {
		if n := s.report.Count(v); n > 0 {
			parts = append(parts, s.ink.verdict(v, fmt.Sprintf("%d %s", n, v.Words())))
		}
	}
	if n := s.report.Unsteady(); n > 0 {
		parts = slices.Insert(parts, 1, s.ink.paint(yellow, fmt.Sprintf("%d of them not at first", n)))
	}
	return parts
}

// label names an entry on one line.
func label(e *Entry) string {
	if e.Variant == "" {
		return oneLine(e.ID)
	}
	return oneLine(e.ID) + " · " + oneLine(e.Variant)
}

// short renders a duration to the precision that people compare.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
