// Command generate measures which mistakes the cases of relying parties notice that no
// hand has given mistakes to, and writes conformance/relyingparties/measured.txt, which
// is its argument. What was measured before is kept, unless -anew is the first argument:
// then it takes some minutes of a machine that does nothing else. It is run by hand, and
// fails where a case notices no mistake.
package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
	"github.com/passkeylab/passkeylab/relyingparty/subject"
)

// few is how many mistakes are written for a case: those that the fewest cases notice.
const few = 2

// enough is after how many mistakes a case is not tried on more.
const enough = 4

// again is how often a failure is seen once more: what fails by chance is not noticed.
const again = 2

func main() {
	anew := flag.Bool("anew", false, "measure again what was measured before")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: generate [-anew] MEASURED")
		os.Exit(2)
	}
	cases, noticed := unproved(), map[string][]string{}
	if !*anew {
		noticed = known(cases)
	}
	lacking := slices.DeleteFunc(slices.Clone(cases), func(c conformance.Case) bool { return noticed[c.ID] != nil })
	maps.Copy(noticed, measure(lacking))
	write(flag.Arg(0), lines(noticed))
	if left := slices.DeleteFunc(cases, func(c conformance.Case) bool { return noticed[c.ID] != nil }); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "these notice nothing:\n%s", reasons(left))
		os.Exit(1)
	}
}

// known is what was measured before of cases and mistakes that there are.
func known(cases []conformance.Case) map[string][]string {
	there := map[string]bool{}
	for _, f := range fault.All() {
		there[f.ID] = true
	}
	all, kept := relyingparties.Measured(), map[string][]string{}
	for _, c := range cases {
		for _, id := range all[c.ID] {
			if there[id] {
				kept[c.ID] = append(kept[c.ID], id)
			}
		}
	}
	return kept
}

func write(file string, text []byte) {
	if err := os.WriteFile(file, text, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// unproved are the cases that have no mistakes but measured ones.
func unproved() (cases []conformance.Case) {
	measured := relyingparties.Measured()
	for _, c := range relyingparties.Cases() {
		if len(c.Catches) == len(measured[c.ID]) {
			cases = append(cases, c)
		}
	}
	return cases
}

// measure finds the mistakes that cases notice.
func measure(cases []conformance.Case) map[string][]string {
	noticed := map[string][]string{}
	for _, target := range subject.Usual() {
		var concerned, others []conformance.Case
		for _, r := range run(target, cases) {
			if r.Verdict == conformance.Pass {
				concerned = append(concerned, *r.Case)
			} else {
				others = append(others, *r.Case)
			}
		}
		for _, f := range fault.All() {
			concerned = slices.DeleteFunc(concerned, func(c conformance.Case) bool { return len(noticed[c.ID]) >= enough })
			for _, id := range noticing(target.With(func() relyingparty.Seams { return made(f.ID) }), possible(f, concerned)) {
				noticed[id] = append(noticed[id], f.ID)
			}
			fmt.Fprintf(os.Stderr, "%s: %d of %d have some\n", f.ID, len(noticed), len(cases))
		}
		cases = others
	}
	return noticed
}

// made is a mistake that remembers nothing.
func made(id string) relyingparty.Seams {
	f, err := fault.Lookup(id)
	if err != nil {
		panic(err) // it is of the list of all
	}
	return f.Seams
}

// concerns are the kinds of mistakes that can matter to cases whose IDs begin so; the
// first that fits counts. Trying the others would take hours and find nothing.
var concerns = []struct {
	prefix string
	kinds  []string // of fault.Groups, without "rp/"
}{
	{"attestation/none", []string{"attestation", "object", "packed"}},
	{"attestation/packed", []string{"attestation", "object", "packed", "signature", "options"}},
	{"attestation/tpm", []string{"attestation", "object", "tpm"}},
	{"attestation/android-key", []string{"attestation", "object", "android-key"}},
	{"attestation/android-safetynet", []string{"attestation", "object", "android-safetynet"}},
	{"attestation/apple", []string{"attestation", "object", "apple"}},
	{"attestation/fido-u2f", []string{"attestation", "object", "fido-u2f", "list"}},
	{"attestation/compound", []string{"attestation", "object", "compound"}},
	{"metadata/", []string{"metadata", "packed", "attestation"}},
	{"algorithm/", []string{"options", "key", "signature", "attestation", "packed"}},
	{"registration/clientdata/", []string{"json", "challenge", "clientdata", "origin", "list"}},
	{"login/clientdata/", []string{"json", "challenge", "clientdata", "origin", "list"}},
	{"registration/authdata/", []string{"json", "authdata", "flags", "credential", "key", "extensions", "object"}},
	{"login/authdata/", []string{"json", "authdata", "flags", "credential", "extensions"}},
	{"registration/json/", []string{"json", "clientdata", "challenge", "credential", "object", "attestation", "extensions"}},
	{"login/json/", []string{"json", "clientdata", "challenge", "credential", "signature", "authdata", "extensions"}},
	{"registration/key/", []string{"key", "attestation", "object", "packed", "authdata"}},
	{"registration/object/", []string{"object", "attestation", "json", "authdata", "packed"}},
	{"login/signature/", []string{"signature", "json", "clientdata"}},
	{"interface/", []string{"interface", "challenge"}},
	{"options/", []string{"options", "challenge"}},
	{"robustness/", []string{"state"}},
	{"", nil},
}

// possible are the cases that a mistake may matter to.
func possible(f fault.Fault, cases []conformance.Case) (some []conformance.Case) {
	kind := strings.TrimPrefix(f.Group(), "rp/")
	for _, c := range cases {
		for _, row := range concerns {
			if !strings.HasPrefix(c.ID, row.prefix) {
				continue
			}
			if row.kinds == nil || slices.Contains(row.kinds, kind) {
				some = append(some, c)
			}
			break
		}
	}
	return some
}

// noticing are the IDs of the cases that fail on a target, each time, while their
// twins pass.
func noticing(target subject.Target, cases []conformance.Case) []string {
	failing := failed(run(target, cases))
	for range again {
		var beside []conformance.Case
		for _, c := range relyingparties.Cases() {
			if failing[c.ID] || slices.ContainsFunc(cases, func(other conformance.Case) bool { return failing[other.ID] && other.Twin == c.ID }) {
				beside = append(beside, c)
			}
		}
		still := failed(run(target, beside))
		maps.DeleteFunc(failing, func(id string, _ bool) bool { return !still[id] })
	}
	return slices.Collect(maps.Keys(failing))
}

func failed(results []conformance.Result) map[string]bool {
	all := map[string]bool{}
	for _, r := range results {
		if r.Verdict == conformance.Fail {
			all[r.Case.ID] = true
		}
	}
	return all
}

func run(target subject.Target, cases []conformance.Case) []conformance.Result {
	return conformance.Run(context.Background(), target, cases, conformance.Options{Seed: 1}).Results
}

// lines are "case: mistake mistake", sorted.
func lines(noticed map[string][]string) []byte {
	cases := map[string]int{} // how many notice a mistake
	for _, mistakes := range noticed {
		for _, id := range mistakes {
			cases[id]++
		}
	}
	var out bytes.Buffer
	for _, id := range slices.Sorted(maps.Keys(noticed)) {
		mistakes := slices.Clone(noticed[id])
		slices.SortFunc(mistakes, func(a, b string) int { return cmp.Or(cmp.Compare(cases[a], cases[b]), cmp.Compare(a, b)) })
		fmt.Fprintf(&out, "%s: %s\n", id, strings.Join(mistakes[:min(few, len(mistakes))], " "))
	}
	return out.Bytes()
}

// reasons are "case: why it notices nothing", sorted as the cases are.
func reasons(cases []conformance.Case) []byte {
	why := map[string]string{}
	for _, target := range subject.Usual() {
		for _, r := range run(target, cases) {
			switch {
			case r.Verdict == conformance.Pass:
				why[r.Case.ID] = "no mistake that there is makes it fail each time"
			case why[r.Case.ID] == "":
				why[r.Case.ID] = "ours is not concerned: " + r.Reason
			}
		}
	}
	var out bytes.Buffer
	for _, c := range cases {
		fmt.Fprintf(&out, "%s: %s\n", c.ID, why[c.ID])
	}
	return out.Bytes()
}
