package authenticators

//go:generate go run ./generate ../../docs/cases.md

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
)

const documentHead = `# Cases

What ` + "`passkeylab conform authenticator`" + ` judges authenticators by: %d cases. ` + "`passkeylab cases --json`" + ` has the
same for programs. [The judge](judge.md) tells what a case is and what its verdicts mean.

Written from the cases themselves; ` + "`make docs`" + ` writes it anew. Section numbers are those of
CTAP 2.3 unless another document is named; they were taken from public code that cites the text, not from the
text, as [the judge](judge.md#what-the-citations-are-worth) explains. Relying parties have [a list of their own](cases-relying-parties.md).

`

// Document is the list of all cases for people, in Markdown.
func Document() []byte {
	cases := Cases()
	var out bytes.Buffer
	fmt.Fprintf(&out, documentHead, len(cases))
	conformance.WriteCases(&out, cases, ctap23)
	return out.Bytes()
}
