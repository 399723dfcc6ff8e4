package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is what the template shows of a Report: every string is visible text,
// every decision about what to show is made.
type page struct {
	Title    string
	Tool     string
	Headline string
	Gist     string // one line of circumstances below the headline
	Verdict  mark
	Subject  Noun
	Variant  Noun
	Counts   []pageCount
	Facts    []pageFact
	Machine  []pageFact
	Failures []*pageEntry
	Columns  []string
	Groups   []pageGroup
}

// mark is a verdict as the page shows it. Name doubles as a CSS class.
type mark struct{ Name, Words, Symbol string }

func newMark(v Verdict) mark { return mark{v.String(), v.Words(), v.Symbol()} }

// pageCount is one verdict's part of the whole. Start and Share place it in
// the bar at the top, which is 1000 units long.
type pageCount struct {
	mark
	Count        int
	Start, Share int
}

type pageFact struct{ Name, Value string }

// pageGroup is a run of subjects whose IDs share what precedes the slash.
type pageGroup struct {
	Name     string
	Subjects []pageSubject
}

// pageSubject is one row of the matrix and the card with its entries.
type pageSubject struct {
	Anchor       string
	Prefix, Name string // the ID in two parts: "login/", "by-button"
	Story        string
	Cells        []*pageCell // nil where nothing was to run
	Entries      []*pageEntry
}

type pageCell struct {
	*pageEntry
	Column string
	Times  int // how many entries stand behind the cell; the gravest is shown
}

func newPage(r *Report) page {
	m := newMatrix(r)
	p := page{
		Title:    visible(r.Title),
		Tool:     strings.TrimSpace(oneLine(r.Tool) + " " + oneLine(r.Version)),
		Headline: headlineOf(r),
		Verdict:  newMark(r.Verdict()),
		Subject:  r.subject(),
		Variant:  r.variant(),
		Counts:   newPageCounts(r),
		Facts:    newFacts(r),
	}
	p.Gist = p.Subject.count(len(m.rows)) + " on " + p.Variant.count(len(m.columns)) + " in " + short(r.Duration)
	for _, name := range slices.Sorted(maps.Keys(r.Machine)) {
		p.Machine = append(p.Machine, pageFact{visible(name), visible(r.Machine[name])})
	}
	for _, name := range m.columns {
		p.Columns = append(p.Columns, oneLine(name))
	}
	p.addRows(m)
	return p
}

// addRows fills the groups, and the list of what failed, in the matrix's order.
func (p *page) addRows(m matrix) {
	anchors := anchorSet{}
	for _, row := range m.rows {
		if name := group(row.id); len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Name != name {
			p.Groups = append(p.Groups, pageGroup{Name: name})
		}
		g := &p.Groups[len(p.Groups)-1]
		s := newPageSubject(row, p.Columns, anchors)
		g.Subjects = append(g.Subjects, s)
		for _, e := range s.Entries {
			if e.Failed() {
				p.Failures = append(p.Failures, e)
			}
		}
	}
}

func newPageSubject(row matrixRow, columns []string, anchors anchorSet) pageSubject {
	id := oneLine(row.id)
	s := pageSubject{Anchor: anchors.take(id), Name: id, Story: visible(row.story)}
	if prefix, name, found := strings.Cut(id, "/"); found {
		s.Prefix, s.Name = prefix+"/", name
	}
	for i, cell := range row.cells {
		var shown *pageCell
		for _, e := range cell {
			view := newPageEntry(e, anchors.take(id+"."+columns[i]))
			s.Entries = append(s.Entries, view)
			if e == gravest(cell) {
				shown = &pageCell{view, columns[i], len(cell)}
			}
		}
		s.Cells = append(s.Cells, shown)
	}
	return s
}

// headlineOf says in a few words how the run went.
func headlineOf(r *Report) string {
	all, failed, broken, passed := len(r.Entries), r.Count(Fail), r.Count(Error), r.Count(Pass)
	switch {
	case all == 0:
		return "Nothing was run"
	case failed > 0 && broken > 0:
		return fmt.Sprintf("%d failed and %d broke, of %d", failed, broken, all)
	case failed > 0:
		return fmt.Sprintf("%d of %d failed", failed, all)
	case broken > 0:
		return fmt.Sprintf("%d of %d broke", broken, all)
	case passed == 0:
		return "Nothing could be carried out"
	case passed == all:
		return fmt.Sprintf("All %d passed", all)
	}
	return fmt.Sprintf("%d passed, none failed", passed)
}

func newPageCounts(r *Report) []pageCount {
	var counts []pageCount
	before, all := 0, max(1, len(r.Entries))
	for _, v := range readingOrder {
		n := r.Count(v)
		if n == 0 {
			continue
		}
		start := before * 1000 / all
		before += n
		counts = append(counts, pageCount{newMark(v), n, start, before*1000/all - start})
	}
	return counts
}

func newFacts(r *Report) []pageFact {
	facts := []pageFact{
		{"Started", r.Started.UTC().Format("2 January 2006, 15:04:05 UTC")},
		{"Duration", short(r.Duration)},
		{"Seed", decimal(r.Seed)},
		{"Version", strings.TrimSpace(visible(r.Tool) + " " + visible(r.Version))},
	}
	if r.Commit != "" {
		facts = append(facts, pageFact{"Commit", visible(r.Commit)})
	}
	return facts
}

// anchorSet hands out fragment identifiers that stay the same from run to run,
// are unique within the page, and need no escaping in a URL.
type anchorSet map[string]int

func (a anchorSet) take(name string) string {
	anchor := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		if r == '/' {
			return '.'
		}
		return '-'
	}, name)
	// The dot before the number cannot collide with a name of the page's own.
	anchor = "r." + anchor
	for a[anchor] > 0 {
		a[anchor]++
		anchor += "." + strconv.Itoa(a[anchor])
	}
	a[anchor]++
	return anchor
}

// clock renders a moment within an entry.
func clock(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
