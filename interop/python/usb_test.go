//go:build interop

package python_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/workshop"
)

// TestKeyOnTheUSB has python-fido2 look for a key on the USB and find ours.
func TestKeyOnTheUSB(t *testing.T) {
	t.Parallel()
	python := installed(t)
	program, err := workshop.Passkeylab(t.TempDir())
	require.NoError(t, err)
	under := func(words ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), program, append([]string{"exec"}, words...)...).CombinedOutput()
		return string(out), err
	}
	cases := map[string]struct {
		flags      []string
		typed, why string
	}{
		"right PIN":     {[]string{"--profile", "pin-key", "--pin", "2718"}, "2718", ""},
		"fingerprint":   {nil, "", ""},
		"wrong PIN":     {[]string{"--profile", "pin-key", "--pin", "2718"}, "0000", "PIN_INVALID"},
		"touch refused": {[]string{"--touch", "refuse"}, "", "ClientError"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := under(append(c.flags, "--", python, "usb.py", c.typed)...)
			if c.why == "" {
				require.NoError(t, err, out)
				assert.Equal(t, "ok\n", out)
				return
			}
			require.Error(t, err)
			assert.Contains(t, out, c.why)
		})
	}
	t.Run("unplugged", func(t *testing.T) {
		t.Parallel()
		out, err := exec.CommandContext(t.Context(), python, "usb.py", "").CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(out), "AssertionError: []")
	})
}
