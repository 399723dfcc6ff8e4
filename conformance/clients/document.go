package clients

//go:generate go run ./generate ../../docs/client-cases.md

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
)

const documentHead = `# Cases of clients

What ` + "`passkeylab conform client`" + ` judges browsers and client libraries by: %d cases. ` + "`passkeylab cases --of client --json`" + `
has the same for programs. [The judge](judge.md#clients) tells what a case is and what its verdicts mean;
[aiming at your client](aiming-at-your-client.md) how to run them.

Written from the cases themselves; ` + "`make docs`" + ` writes it anew. Section numbers are those of CTAP 2.3 unless another
document is named; they were taken from public code that cites the text, as
[the judge](judge.md#what-the-citations-are-worth) explains. What a client looks at before it believes an
authenticator is written down nowhere but for what it cannot do without: such cases are a SHOULD. What each case
catches is among the [faults of clients](client-faults.md).

| section | cases | MUST and MUST NOT | SHOULD | MAY |
|---|---|---|---|---|
`

// Document is the list of all cases for people, in Markdown.
func Document() []byte {
	var out bytes.Buffer
	cases := Cases()
	fmt.Fprintf(&out, documentHead, len(cases))
	var order []string
	sections := map[string][]conformance.Case{}
	for _, c := range cases {
		if sections[c.Section()] == nil {
			order = append(order, c.Section())
		}
		sections[c.Section()] = append(sections[c.Section()], c)
	}
	for _, name := range order {
		counts := map[conformance.Level]int{}
		for _, c := range sections[name] {
			counts[c.Level]++
		}
		fmt.Fprintf(&out, "| [%s](#%s) | %d | %d | %d | %d |\n", name, name, len(sections[name]),
			counts[conformance.Must]+counts[conformance.MustNot], counts[conformance.Should], counts[conformance.May])
	}
	for _, name := range order {
		fmt.Fprintf(&out, "\n## %s\n\n| case | requirement | needs | catches |\n|---|---|---|---|\n", name)
		for _, c := range sections[name] {
			fmt.Fprintf(&out, "| `%s` | %s (%s) | %s | %s |\n", strings.TrimPrefix(c.ID, name+"/"), cell(c.Doc), cell(shortRequirement(&c)), needed(&c), strings.Join(c.Catches, ", "))
		}
	}
	return out.Bytes()
}

// needed are the features that a case needs.
func needed(c *conformance.Case) string {
	names := make([]string, len(c.Needs))
	for i, n := range c.Needs {
		names[i] = strings.TrimPrefix(n.Name, needPrefix)
	}
	return strings.Join(names, ", ")
}

// shortRequirement leaves out the document that most cases cite.
func shortRequirement(c *conformance.Case) string {
	return strings.Replace(c.Requirement(), ", "+ctap23+" ", " ", 1)
}

// cell is a text that stays in its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
