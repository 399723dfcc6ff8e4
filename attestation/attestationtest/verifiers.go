package attestationtest

import (
	"path"
	"slices"
	"strings"
)

// Verifier is a library of relying parties, and where it judges otherwise than the
// defects' steps would have it.
type Verifier struct {
	Name, Version string
	InGo          bool // the tests of package attestation ask it, without interop

	Lacks []string // formats that it does not know

	// accepts gives the reason for each defect that it lets pass, by ID or by a pattern of
	// [path.Match] over IDs. refuses does so for whole statements, by the sample's name.
	accepts, refuses map[string]string
}

// Verifiers are all that are tried.
var Verifiers = []Verifier{GoWebauthn, simpleWebAuthn, pythonFIDO2, pyWebauthn}

// Accepts reports whether the verifier lets a defect pass, and why.
func (v *Verifier) Accepts(id string) (reason string, accepted bool) {
	if format, _, _ := strings.Cut(id, "/"); slices.Contains(v.Lacks, format) {
		return "", false
	}
	return lookup(v.accepts, id)
}

// RefusesWhole reports whether the verifier refuses a whole statement, and why.
func (v *Verifier) RefusesWhole(sample string) (reason string, refused bool) {
	if format, _, _ := strings.Cut(sample, ","); slices.Contains(v.Lacks, format) {
		return "It does not know the format.", true
	}
	return lookup(v.refuses, sample)
}

// Patterns are those of the verifier's reasons that are about defects.
func (v *Verifier) Patterns() []string {
	all := make([]string, 0, len(v.accepts))
	for pattern := range v.accepts {
		all = append(all, pattern)
	}
	return all
}

// lookup prefers what names exactly this one.
func lookup(reasons map[string]string, name string) (string, bool) {
	if reason, ok := reasons[name]; ok {
		return reason, true
	}
	for pattern, reason := range reasons {
		if !strings.ContainsAny(pattern, "*?[") {
			continue
		}
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return reason, true
		}
	}
	return "", false
}
