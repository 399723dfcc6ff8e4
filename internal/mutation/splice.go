package mutation

import (
	"cmp"
	"slices"
	"strings"
)

// edit replaces source[at:end] by text. An insertion has at == end.
type edit struct {
	at, end int
	text    string
	closing bool // it ends what another edit began
	order   int  // edits at one place stand as they were made; closing ones the other way round
}

// splice applies edits to source. Insertions at one place nest: what was opened first
// is closed last, and what is closed there comes before what is opened.
func splice(source []byte, edits []edit) []byte {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b edit) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		if a.closing != b.closing {
			if a.closing {
				return -1
			}
			return 1
		}
		if a.closing {
			return cmp.Compare(b.order, a.order)
		}
		return cmp.Compare(a.order, b.order)
	})
	var out strings.Builder
	from := 0
	for _, e := range sorted {
		out.Write(source[from:e.at])
		out.WriteString(e.text)
		from = max(from, e.end)
	}
	out.Write(source[from:])
	return []byte(out.String())
}
