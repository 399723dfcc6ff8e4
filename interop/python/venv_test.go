//go:build interop

package python_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// installing keeps tests from installing the same at once.
var installing sync.Mutex

// installed returns a Python that has what requirements.txt names. It is kept
// among the user's caches, under a name made of that file.
func installed(t *testing.T) (python string) {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	requirements, err := os.ReadFile("requirements.txt")
	require.NoError(t, err)
	caches, err := os.UserCacheDir()
	require.NoError(t, err)
	sum := sha256.Sum256(requirements)
	kept := filepath.Join(caches, "passkeylab", "python-"+hex.EncodeToString(sum[:8]))
	python = filepath.Join(kept, "bin", "python")
	if exec.Command(python, "-c", "import fido2").Run() == nil {
		return python
	}
	require.NoError(t, os.RemoveAll(kept), "what an interpreter left that is gone")
	require.NoError(t, os.MkdirAll(filepath.Dir(kept), 0o755))
	fresh, err := os.MkdirTemp(filepath.Dir(kept), "installing-")
	require.NoError(t, err)
	defer os.RemoveAll(fresh)
	run(t, "python3", "-m", "venv", fresh)
	run(t, filepath.Join(fresh, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt")
	require.NoError(t, os.Rename(fresh, kept)) // complete, or not there at all
	return python
}

func run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	require.NoError(t, err, "%s %v\n%s", name, arguments, out)
	return string(out)
}
