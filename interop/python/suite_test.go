//go:build interop

package python_test

import (
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/workshop"
)

// suiteSource is the release whose tests are run: the one of requirements.txt. They
// are in its source distribution alone.
const suiteSource = "fido2==2.2.1"

// fewestPassed guards against a suite that skips what it should try. The rest it skips
// for what this key lacks: fingerprints, and a signing extension of drafts.
const fewestPassed = 60

// TestSuiteForDevices runs the tests that python-fido2's makers hold real keys to,
// unchanged, against a key on the USB whose touch and power they drive as a robot would.
func TestSuiteForDevices(t *testing.T) {
	t.Parallel()
	python, folder := installed(t), t.TempDir()
	program, err := workshop.Passkeylab(folder)
	require.NoError(t, err)
	run(t, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:", "--dest", folder, suiteSource)
	archives, err := filepath.Glob(filepath.Join(folder, "fido2-*.tar.gz"))
	require.NoError(t, err)
	require.Len(t, archives, 1)
	run(t, "tar", "-xzf", archives[0], "-C", folder, "--strip-components=1")

	robot := freePort(t)
	suite := exec.CommandContext(t.Context(), program, "exec", "--profile", "pin-key", "--control", robot, "--",
		python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/device", "--controller", "http://"+robot)
	suite.Dir = folder
	out, err := suite.CombinedOutput()
	require.NoError(t, err, "%s", out)
	passed := regexp.MustCompile(`(\d+) passed`).FindSubmatch(out)
	require.NotNil(t, passed, "%s", out)
	count, err := strconv.Atoi(string(passed[1]))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, count, fewestPassed, "%s", out)
}

// freePort is an address of the loopback interface that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
