package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab"
)

// Table is docs/scenarios.md.
func Table() string {
	var out strings.Builder
	all := All()
	fmt.Fprintf(&out, "# The scenario library\n\n"+
		"%d journeys in %d suites: what people do with passkeys, and what goes wrong. Each has an ID\n"+
		"that stays, a story, what it covers, and links that can carry it (`p` proxy, `c` cdp, `b` bridge,\n"+
		"`u` usb, `h` hybrid, `w` wire). One with `*` reaches into the site's clock, mail, log or policy and\n"+
		"needs the embedded one; all others also visit a site elsewhere, also [one of your own](site-adapters.md)\n"+
		"as far as its pages allow. Those of one story with a product in their ID are a matrix over\n"+
		"[profiles](profiles.md).\n\n"+
		"```sh\npasskeylab run provider                 # a suite\npasskeylab run 'products/*' --link wire # some\npasskeylab scenarios --json             # all of this as JSON\n```\n\n"+
		"This page is generated from `scenarios/`. [Writing a scenario](writing-a-scenario.md) tells how to add one.\n\n", len(all), len(Suites()))
	for _, suite := range Suites() {
		fmt.Fprintf(&out, "- [%s](#%s) (%d): %s\n", suite.Name, suite.Name, len(suite.all), suite.About)
	}
	for _, suite := range Suites() {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n\n| ID | story | covers | links |\n|---|---|---|---|\n", suite.Name, suite.About)
		for _, s := range suite.all {
			star := ""
			if s.Needs.Embedded {
				star = " *"
			}
			fmt.Fprintf(&out, "| `%s`%s | %s | %s | %s |\n", s.ID, star, escaped(s.Story), escaped(strings.Join(s.Covers, "; ")), s.carriers())
		}
		out.WriteString(suite.reasons())
	}
	return out.String()
}

func escaped(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// carriers are the first letters of the links that carry a journey.
func (s Scenario) carriers() string {
	var letters []string
	for _, link := range passkeylab.Links() {
		if s.NotOn(link) == "" {
			letters = append(letters, string(link[:1]))
		}
	}
	return strings.Join(letters, " ")
}

// reasons tells why links cannot carry journeys of the suite, each reason once.
func (s Suite) reasons() string {
	var told []string
	for _, link := range passkeylab.Links() {
		if link == passkeylab.USB || link == passkeylab.Hybrid {
			continue // these carry only what is made for them
		}
		for _, one := range s.all {
			if why := one.NotOn(link); why != "" {
				told = append(told, fmt.Sprintf("%s: %s.", link, why))
			}
		}
	}
	slices.Sort(told)
	told = slices.Compact(told)
	if len(told) == 0 {
		return ""
	}
	return "\n" + strings.Join(told, "\n") + "\n"
}
