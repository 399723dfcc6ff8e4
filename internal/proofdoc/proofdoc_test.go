package proofdoc

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

func TestDocumentsAreUpToDate(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]byte{"proof.md": Render(), "proof-matrix.txt": Matrix()} {
		written, err := os.ReadFile("../../docs/" + file)
		require.NoError(t, err)
		require.True(t, string(want) == string(written), `%s: run "make docs"`, file)
	}
}

// Every fault that a case can tell is caught by one that names it, and every case names
// one.
func TestScoreIsWhole(t *testing.T) {
	t.Parallel()
	for _, j := range judges() {
		s := j.score()
		assert.Equal(t, s.faults-s.excused, s.caught, j.name)
		assert.Equal(t, len(j.cases), s.proved, j.name)
		assert.Len(t, j.excused, s.excused, "%s: what is excused is a fault, and not caught", j.name)
	}
}

// Every defect of a statement has a case of its name, which names a mistake of relying
// parties that overlook it.
func TestEveryDefectIsCaught(t *testing.T) {
	t.Parallel()
	catches := map[string][]string{}
	for _, c := range relyingparties.Cases() {
		catches[c.ID] = c.Catches
	}
	for _, d := range attestation.Defects() {
		assert.NotEmpty(t, catches["attestation/"+d.ID], d.ID)
	}
}
