//go:build interop

package authenticators_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/internal/workshop"
)

// judge holds a device to the MUST cases that it is known to fail. What it is not known
// of, because it depends on how fast the machine is, is left out.
func judge(t *testing.T, target conformance.Target, match, unknown, deviating []string, least int) {
	t.Helper()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Match: match})
	require.NoError(t, err)
	cases = slices.DeleteFunc(cases, func(c conformance.Case) bool { return slices.Contains(unknown, c.ID) })
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 7})
	var failed []string
	for _, r := range out.Results {
		if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
			failed = append(failed, r.Case.ID)
			t.Logf("%s: %s: %s; expected %s, seen %s", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
		}
	}
	assert.Equal(t, slices.Sorted(slices.Values(deviating)), failed)
	t.Logf("%d passed, %d not applicable, %d skipped", out.Count(conformance.Pass), out.Count(conformance.Unsupported), out.Count(conformance.Skipped))
	assert.GreaterOrEqual(t, out.Count(conformance.Pass), least)
}

// ceremonies are the sections that a device without PINs and a transport is judged by.
var ceremonies = []string{"getinfo", "makecredential", "getassertion", "getnextassertion", "command", "extension"}

func TestCTAPKeyringDevice(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	python := filepath.Join(folder, "bin", "python")
	for _, command := range []*exec.Cmd{
		exec.Command("python3", "-m", "venv", folder),
		exec.Command(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"),
	} {
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	judge(t, start(t, exec.Command(python, "keyring_device.py")), ceremonies, []string{"getassertion/counter"}, keyringDeviates, 120)
}

func TestPasskeyRS(t *testing.T) {
	t.Parallel()
	if os.Getenv(workshop.WithRust) == "" {
		t.Skipf("%s is not set: see docs/interop.md", workshop.WithRust)
	}
	program, err := workshop.Cargo{Name: "passkey-rs", Crate: "rust", Program: "passkey-rs-device"}.Built()
	require.NoError(t, err)
	judge(t, start(t, exec.Command(program)), ceremonies, nil, passkeyRSDeviates, 170)
}
