package attestation

import (
	"fmt"
	"slices"
	"strings"
)

// Defect is one thing that is wrong with a statement whose every other part is
// right, so that exactly one check of a verifier finds it.
type Defect struct {
	ID     string // permanent, "format/what"
	Format string // of the statements that can have it
	Spec   string // the step that finds it
	Doc    string // one sentence

	bend any // a bend of the format's draft
}

// bend is how a defect changes the draft of a statement. Each of its parts is
// called, unless nil, when the parts of the draft named in its comment are there
// and nothing is made of them yet.
type bend[D any] struct {
	shape func(*D) // what is to be certified and signed: templates, keys, structures
	spoil func(*D) // the finished members of the statement
}

func (b bend[D]) shaped(draft *D) {
	if b.shape != nil {
		b.shape(draft)
	}
}

func (b bend[D]) spoiled(draft *D) {
	if b.spoil != nil {
		b.spoil(draft)
	}
}

// breakable is what every attester of this package is besides.
type breakable interface {
	// broken returns a copy that makes its statements with a bend, or false if the
	// bend is of another format's draft.
	broken(bend any) (Attester, bool)
}

// Break returns an attester that makes the statements of a with the defect. It
// fails where a makes statements of another format, or is not of this package.
func (d Defect) Break(a Attester) (Attester, error) {
	if b, ok := a.(breakable); ok {
		if broken, ok := b.broken(d.bend); ok {
			return broken, nil
		}
	}
	return nil, fmt.Errorf("attestation: defect %q is one of format %s, not of %s", d.ID, d.Format, a.Format())
}

// Defects returns every defect, sorted by ID.
func Defects() []Defect { return slices.Clone(defects) }

// defects is every defect, sorted by ID.
var defects = sorted(slices.Concat(
	androidKeyDefects,
	appleDefects,
	compoundDefects,
	u2fDefects,
	noneDefects,
	packedDefects,
	selfDefects,
	safetyNetDefects,
	tpmDefects,
))

func sorted(all []Defect) []Defect {
	slices.SortFunc(all, func(a, b Defect) int { return strings.Compare(a.ID, b.ID) })
	return all
}
