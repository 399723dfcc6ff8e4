package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// tally counts fates.
type tally struct{ mutants, noticed, survived, unreached int }

func (t *tally) add(f *fate) {
	t.mutants++
	switch f.Outcome {
	case noticed:
		t.noticed++
	case survived:
		t.survived++
	case unreached:
		t.unreached++
	}
}

// section is what came of the mutants of one package.
type section struct {
	of    campaignOf
	fates []fate
}

const introduction = `# Mutants: small mistakes in our own source, shown to the judge

<!-- Written by "make mutation", which takes a while. Reasons stand in internal/mutation/run. -->

Each mutant is one small mistake: a condition negated, an error swallowed, a statement
left out. All of a package's mutants are compiled into one program, each behind a switch,
and for each the judge runs the cases that come by its place until one fails.

A mutant that no case notices is a question: is it a gap of the judge, or a mistake that
nobody outside could see? Below, every one of them is answered for. Places that no case
comes by are listed by file, since a judge cannot speak of what it never sees.

`

// render returns docs/mutation.md, and what is wrong with it: survivors that are not
// explained, and explanations that explain nothing.
func render(sections []section) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(introduction)
	var open error
	for _, s := range sections {
		open = errors.Join(open, s.render(&out))
	}
	return out.Bytes(), open
}

func (s *section) render(out *bytes.Buffer) error {
	if len(s.fates) == 0 {
		fmt.Fprintf(out, "## %s\n\nNot carried out for this page: `make mutation ARGS='-suite %s -data FILE'` does.\n\n", s.of.title, s.of.suite)
		return nil
	}
	var all tally
	for i := range s.fates {
		all.add(&s.fates[i])
	}
	seen := all.noticed + all.survived
	fmt.Fprintf(out, "## %s\n\n%d mutants, of which %d are at places that cases come by. Of those %d (%.1f %%) are noticed.\n\n",
		s.of.title, all.mutants, seen, all.noticed, 100*float64(all.noticed)/float64(max(seen, 1)))
	s.renderBeside(out)
	explained, open := s.explain()
	out.WriteString("### Not noticed\n\n| where | mutants | why nobody could, or should |\n|---|---|---|\n")
	for _, e := range explained {
		fmt.Fprintf(out, "| %s | %d | %s |\n", e.where, e.count, e.why)
	}
	s.renderUnreached(out)
	return open
}

// renderBeside tells which files were not looked at.
func (s *section) renderBeside(out *bytes.Buffer) {
	out.WriteString("Not mutated:\n\n| files | why |\n|---|---|\n")
	byReason := map[string][]string{}
	var order []string
	for _, file := range sortedKeys(s.of.beside) {
		why := s.of.beside[file]
		if byReason[why] == nil {
			order = append(order, why)
		}
		byReason[why] = append(byReason[why], "`"+file+"`")
	}
	for _, why := range order {
		fmt.Fprintf(out, "| %s | %s |\n", joined(byReason[why]), why)
	}
	out.WriteString("\n")
}

// renderUnreached lists the functions that hold mutants which no case comes by.
func (s *section) renderUnreached(out *bytes.Buffer) {
	count := map[string]int{}
	for _, f := range s.fates {
		if f.Outcome == unreached && f.Operator != "error swallowed" {
			count[f.File]++
		}
	}
	swallowed := 0
	for _, f := range s.fates {
		if f.Outcome == unreached && f.Operator == "error swallowed" {
			swallowed++
		}
	}
	fmt.Fprintf(out, "\n### Not come by\n\n%d of the mutants that no case comes by swallow an error of the store, of the source of chance or of a\nkey that is broken: no bench makes those fail. The others, by file:\n\n| file | mutants |\n|---|---|\n", swallowed)
	for _, file := range sortedKeys(count) {
		fmt.Fprintf(out, "| `%s` | %d |\n", file, count[file])
	}
	out.WriteString("\n")
}

// explanation says why mutants at a place are not noticed.
type explanation struct {
	file     string // base name; "" = every file
	function string // "" = every function of the file
	operator string // "" = every kind
	text     string // part of the mutant's text; "" = any
	why      string
}

func (e explanation) covers(f *fate) bool {
	return (e.file == "" || e.file == f.File) && (e.function == "" || e.function == f.Function) &&
		(e.operator == "" || e.operator == string(f.Operator)) && bytes.Contains([]byte(f.Text), []byte(e.text))
}

// answer is an explanation with what it explains.
type answer struct {
	where, why string
	count      int
}

// explain finds for each survivor the first explanation that covers it.
func (s *section) explain() ([]answer, error) {
	counts := make([]int, len(s.of.explanations))
	var open []string
	for i := range s.fates {
		f := &s.fates[i]
		if f.Outcome != survived {
			continue
		}
		at := slices.IndexFunc(s.of.explanations, func(e explanation) bool { return e.covers(f) })
		if at < 0 {
			open = append(open, f.String())
			continue
		}
		counts[at]++
	}
	var answers []answer
	var idle []string
	for i, e := range s.of.explanations {
		if counts[i] == 0 {
			idle = append(idle, e.where()+" "+e.text+": "+e.why)
			continue
		}
		answers = append(answers, answer{e.where(), e.why, counts[i]})
	}
	return answers, errors.Join(unexplained(open), unneeded(idle))
}

// where tells the place for people.
func (e explanation) where() string {
	switch {
	case e.file == "":
		return "everywhere"
	case e.function == "":
		return "`" + e.file + "`"
	}
	return "`" + e.file + "` " + e.function
}
