package report

import "strings"

// matrix is a report seen as a table: a row per ID, a column per variant, and
// in each cell the entries that carry both (none, mostly one, more when an
// entry was repeated).
type matrix struct {
	columns []string
	rows    []matrixRow
}

type matrixRow struct {
	id    string
	story string
	cells [][]*Entry // as many as the matrix has columns
}

// newMatrix arranges r's entries, keeping their order of first appearance.
func newMatrix(r *Report) matrix {
	m := matrix{columns: matrixColumns(r)}
	column := make(map[string]int, len(m.columns))
	for i, name := range m.columns {
		column[name] = i
	}
	row := map[string]int{}
	for i := range r.Entries {
		e := &r.Entries[i]
		at, known := row[e.ID]
		if !known {
			at = len(m.rows)
			row[e.ID] = at
			m.rows = append(m.rows, matrixRow{id: e.ID, story: e.Story, cells: make([][]*Entry, len(m.columns))})
		}
		cell := &m.rows[at].cells[column[e.Variant]]
		*cell = append(*cell, e)
	}
	return m
}

func matrixColumns(r *Report) []string {
	used := map[string]bool{}
	for i := range r.Entries {
		used[r.Entries[i].Variant] = true
	}
	var names []string
	add := func(name string) {
		if used[name] {
			names = append(names, name)
			used[name] = false
		}
	}
	for _, name := range r.Variants {
		add(name)
	}
	for i := range r.Entries {
		add(r.Entries[i].Variant)
	}
	return names
}

// gravest returns the entry of a cell that decides what the cell shows.
func gravest(cell []*Entry) *Entry {
	var worst *Entry
	for _, e := range cell {
		if worst == nil || e.Verdict.or() < worst.Verdict.or() {
			worst = e
		}
	}
	return worst
}

// group returns the part of an ID before its first slash, "" without one.
func group(id string) string {
	if name, _, found := strings.Cut(id, "/"); found {
		return name
	}
	return ""
}
