package relyingparties

//go:generate go run ./generate ../../docs/cases-relying-parties.md

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
)

const documentHead = `# Cases of relying parties

What ` + "`passkeylab conform rp`" + ` judges relying parties by: %d cases. ` + "`passkeylab cases --of rp --json`" + ` has the
same for programs. [The judge](judge.md) tells what a case is and what its verdicts mean, [aiming at your
server](aiming-at-your-server.md) how to judge yours.

Written from the cases themselves; ` + "`make docs`" + ` writes it anew. Sections are those of WebAuthn Level 3 unless another
document is named. Steps of §7.1 and §7.2 are counted in the source of the text, of which there are 29 and 25; the text
itself names two of §7.1 by a number that is one lower.

## switches

What neither the text nor any answer tells, and a relying party may choose: ` + "`--switch NAME=VALUE`" + `, or in the adapter.
The first value is the default.

| switch | values |
|---|---|
`

// Document is the list of all cases for people, in Markdown.
func Document() []byte {
	cases := Cases()
	var out bytes.Buffer
	fmt.Fprintf(&out, documentHead, len(cases))
	for _, s := range switches {
		var values []string
		for i, value := range s.Values {
			values = append(values, fmt.Sprintf("`%s`: %s", value, s.Meaning[i]))
		}
		fmt.Fprintf(&out, "| `%s` %s | %s |\n", s.Name, s.Doc, strings.Join(values, "; "))
	}
	out.WriteString("\n## sections\n\n")
	conformance.WriteCases(&out, cases, webauthn)
	return out.Bytes()
}
