package relyingparties

import (
	_ "embed"
	"strings"
)

//go:embed measured.txt
var measuredText string

// Measured are mistakes that cases were found to notice (relyingparty/subject/generate),
// by the case's ID, for the cases that catches says nothing of: two of each, those that
// the fewest others notice.
func Measured() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(measuredText) {
		id, mistakes, _ := strings.Cut(line, ":")
		all[id] = strings.Fields(mistakes)
	}
	return all
}
