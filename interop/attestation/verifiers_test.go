//go:build interop

package attestation_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
)

// verdicts is why each case was refused, "" for those accepted, by verifier and ID.
type verdicts map[string]map[string]string

// Other people's verifiers judge as the table in docs/attestation.md says: each in one
// process over all cases.
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
			for _, d := range attestation.Defects() {
				if why, accepted := v.Accepts(d.ID); accepted {
					assert.Empty(t, mine[d.ID], "%s is refused, so that this is wrong: %s", d.ID, why)
				} else {
					assert.NotEmpty(t, mine[d.ID], d.ID)
				}
			}
		})
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

// kept returns a folder among the user's caches that install has filled, under a name
// made of what a file pins.
func kept(t *testing.T, prefix, pins string, install func(folder string)) string {
	t.Helper()
	text, err := os.ReadFile(pins)
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	caches, err := os.UserCacheDir()
	require.NoError(t, err)
	folder := filepath.Join(caches, "passkeylab", prefix+"-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(folder, "complete")); err == nil {
		return folder
	}
	require.NoError(t, os.RemoveAll(folder), "what was left unfinished")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	install(folder)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "complete"), nil, 0o600))
	return folder
}

// pythonWith returns a Python that has what requirements.txt names.
func pythonWith(t *testing.T) string {
	t.Helper()
	folder := kept(t, "verifiers-python", "requirements.txt", func(folder string) {
		run(t, "python3", "-m", "venv", folder)
		run(t, filepath.Join(folder, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt")
	})
	return filepath.Join(folder, "bin", "python")
}

// nodeModules returns a folder that has what package-lock.json pins.
func nodeModules(t *testing.T) string {
	t.Helper()
	return kept(t, "verifiers-node", "package-lock.json", func(folder string) {
		for _, file := range []string{"package.json", "package-lock.json"} {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(folder, file), text, 0o600))
		}
		run(t, "npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder)
	})
}

// SimpleWebAuthn wants Node.js 20. Debian 12 has an older one, which npm can give a
// newer one.
const (
	oldestNode = 20
	newerNode  = "20.20.2"
)

// node returns a Node.js that is new enough.
func node(t *testing.T) string {
	t.Helper()
	version := string(run(t, "node", "--version"))
	major, err := strconv.Atoi(strings.Split(strings.TrimPrefix(version, "v"), ".")[0])
	require.NoError(t, err, version)
	if major >= oldestNode {
		return "node"
	}
	name := "node-linux-" + map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	folder := kept(t, "node", "verifiers_test.go", func(folder string) {
		run(t, "npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, name+"@"+newerNode)
	})
	return filepath.Join(folder, "node_modules", name, "bin", "node")
}
