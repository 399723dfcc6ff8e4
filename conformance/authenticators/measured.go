package authenticators

import (
	_ "embed" // for the list
	"strings"
	"sync"
)

//go:embed measured.txt
var measuredList string

// measured are the faults that the rest of the derived cases catch, by case. They were
// found out by trying: see authenticator/subject/generate.
var measured = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(measuredList) {
		if id, faults, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			all[id] = strings.Fields(faults)
		}
	}
	return all
})
