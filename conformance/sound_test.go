package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/conformance"
)

func TestSound(t *testing.T) {
	t.Parallel()
	whole := func(id, twin string) conformance.Case {
		return conformance.Case{
			ID: id, Spec: conformance.Spec{Document: "D", Section: "1"}, Level: conformance.Must, Doc: "It does.", Twin: twin,
			Run: func(*conformance.Check) {},
		}
	}
	sound := []conformance.Case{whole("a/good", ""), whole("a/known-bad", "a/good"), whole("b/c/d-1.2", "")}
	assert.NoError(t, conformance.Sound(sound))
	for want, spoil := range map[string]func([]conformance.Case){
		"is no ID":               func(all []conformance.Case) { all[0].ID = "A" },
		"in order":               func(all []conformance.Case) { all[0], all[2] = all[2], all[0] },
		"none twice":             func(all []conformance.Case) { all[1].ID = "a/good" },
		"where it stands":        func(all []conformance.Case) { all[1].Spec.Section = "" },
		"has no level":           func(all []conformance.Case) { all[1].Level = 0 },
		"is no sentence":         func(all []conformance.Case) { all[1].Doc = "It does" },
		"does nothing":           func(all []conformance.Case) { all[1].Run = nil },
		"is no case":             func(all []conformance.Case) { all[1].Twin = "a/other" },
		"twins of each other":    func(all []conformance.Case) { all[0].Twin = "a/known-bad" },
		"a twin that binds less": func(all []conformance.Case) { all[0].Level = conformance.Should },
	} {
		all := append([]conformance.Case(nil), sound...)
		spoil(all)
		assert.ErrorContains(t, conformance.Sound(all), want)
	}
}
