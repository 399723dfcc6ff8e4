//go:build interop

package attestation_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/internal/workshop"
)

// verdicts is why each case was refused, "" for those accepted, by verifier and ID.
type verdicts map[string]map[string]string

// Other people's verifiers judge as the table in docs/attestation.md says, and for the
// reason that a defect gives them: each in one process over all cases.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	makers := attestation.NewMakers([]byte("a lab"), time.Now())
	samples, err := makers.Samples(aaguid)
	require.NoError(t, err)
	got := verdicts{}
	cases := writeCases(t, makers, samples)
	for _, command := range [][]string{
		{pythonWith(t), "-B", "verify.py", cases},
		{node(t), "verify.mjs", nodeModules(t), cases},
	} {
		require.NoError(t, json.Unmarshal(run(t, command[0], command[1:]...), &got))
	}
	for _, v := range attestationtest.Verifiers {
		if v.InGo {
			continue // the tests of package attestation have it
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			mine := got[v.Name]
			require.NotEmpty(t, mine)
			for _, s := range samples {
				name := s.Name
				if why, refused := v.RefusesWhole(name); refused {
					assert.NotEmpty(t, mine[name], "%s is accepted, so that this is wrong: %s", name, why)
				} else {
					assert.Empty(t, mine[name], name)
				}
			}
			judgesDefects(t, v, mine)
		})
	}
}

// judgesDefects holds what a verifier made of defects to the table, and each refusal to
// being for the step that the defect names.
func judgesDefects(t *testing.T, v attestationtest.Verifier, mine map[string]string) {
	t.Helper()
	used := map[coarse]bool{}
	for _, d := range attestation.Defects() {
		why, accepted := v.Accepts(d.ID)
		_, lacks := v.RefusesWhole(d.Format)
		switch {
		case accepted:
			assert.Empty(t, mine[d.ID], "%s is refused, so that this is wrong: %s", d.ID, why)
		case lacks:
			assert.NotEmpty(t, mine[d.ID], d.ID)
		default:
			saysWhy(t, v.Name, d.ID, mine[d.ID], used)
		}
	}
	for _, c := range coarseRefusals[v.Name] {
		assert.True(t, used[c], "%s says why by now, so that this is wrong: %s", c.pattern, c.why)
	}
}

func run(t *testing.T, name string, arguments ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err, "%s %v", name, arguments)
	return out
}

// pythonWith returns a Python that has what requirements.txt names.
func pythonWith(t *testing.T) string {
	t.Helper()
	python, err := workshop.Python{Name: "verifiers-python", Base: "python3", Requirements: "requirements.txt", Imports: "fido2, webauthn"}.Installed()
	require.NoError(t, err)
	return python
}

// nodeModules returns a folder that has what package-lock.json pins.
func nodeModules(t *testing.T) string {
	t.Helper()
	folder, err := workshop.NPM{Name: "verifiers-npm", Pinned: "."}.Installed()
	require.NoError(t, err)
	return folder
}

func node(t *testing.T) string {
	t.Helper()
	program, err := workshop.Node()
	require.NoError(t, err)
	return program
}
