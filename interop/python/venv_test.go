//go:build interop

package python_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/workshop"
)

// installed returns a Python that has what requirements.txt names.
func installed(t *testing.T) (python string) {
	t.Helper()
	python, err := workshop.Python{Name: "python", Base: "python3", Requirements: "requirements.txt", Imports: "fido2"}.Installed()
	require.NoError(t, err)
	return python
}

func run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	require.NoError(t, err, "%s %v\n%s", name, arguments, out)
	return string(out)
}
