package conformance

import (
	"bytes"
	"fmt"
	"strings"
)

// WriteCases writes cases for people, in Markdown: how many there are in each section,
// and each with its requirement. document is the one that most cite, and that is left
// out.
func WriteCases(out *bytes.Buffer, cases []Case, document string) {
	var order []string
	sections := map[string][]Case{}
	for _, c := range cases {
		if sections[c.Section()] == nil {
			order = append(order, c.Section())
		}
		sections[c.Section()] = append(sections[c.Section()], c)
	}
	out.WriteString("| section | cases | MUST and MUST NOT | SHOULD | MAY |\n|---|---|---|---|---|\n")
	for _, name := range order {
		counts := map[Level]int{}
		for _, c := range sections[name] {
			counts[c.Level]++
		}
		fmt.Fprintf(out, "| [%s](#%s) | %d | %d | %d | %d |\n", name, name, len(sections[name]), counts[Must]+counts[MustNot], counts[Should], counts[May])
	}
	for _, name := range order {
		fmt.Fprintf(out, "\n## %s\n\n| case | requirement | catches |\n|---|---|---|\n", name)
		for _, c := range sections[name] {
			requirement := strings.Replace(c.Requirement(), ", "+document+" ", " ", 1)
			fmt.Fprintf(out, "| `%s` | %s (%s) | %s |\n", strings.TrimPrefix(c.ID, name+"/"), cell(c.Doc), cell(requirement), strings.Join(c.Catches, ", "))
		}
	}
}

// cell is a text that stays in its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
