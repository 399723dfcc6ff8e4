package faultdoc

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
)

// catching are the IDs of the cases that must notice a fault, by the fault's.
func catching(cases []conformance.Case) map[string][]string {
	all := map[string][]string{}
	for _, c := range cases {
		for _, id := range c.Catches {
			all[id] = append(all[id], c.ID)
		}
	}
	return all
}

// brief is the first of some IDs, and how many more there are.
func brief(ids []string) string {
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return "`" + ids[0] + "`"
	}
	return fmt.Sprintf("`%s` and %d more", ids[0], len(ids)-1)
}
