//go:build interop

package exec_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// volume makes an encrypted volume in a file. Its slow key derivation is made
// quick.
func (k *key) volume() string {
	k.t.Helper()
	path := filepath.Join(k.folder, "volume")
	require.NoError(k.t, os.WriteFile(path, nil, 0o600))
	require.NoError(k.t, os.Truncate(path, 32<<20))
	cmd := exec.Command("cryptsetup", "luksFormat", "-q", "--key-file", k.write("passphrase", "a passphrase"), "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", path)
	out, err := cmd.CombinedOutput()
	require.NoError(k.t, err, "%s", out)
	return path
}

func TestSystemdCryptenroll(t *testing.T) {
	t.Parallel()
	k := newKey(t, "--pin", pin)
	volume := k.volume()
	enroll := func(pin string) []string {
		return []string{"env", "PASSWORD=a passphrase", "PIN=" + pin, "systemd-cryptenroll", "--fido2-device=" + node, volume}
	}
	assert.Contains(t, k.ok("", "systemd-cryptenroll", "--fido2-device=list"), node)
	assert.NotZero(t, k.run("", enroll("0000")...).status, "with the wrong PIN")
	assert.Contains(t, k.ok("", enroll(pin)...), "New FIDO2 token enrolled")

	unlock := []string{"cryptsetup", "open", "--test-passphrase", "--token-only", "--token-type", "systemd-fido2", volume}
	k.ok(lines(pin), unlock...)
	other := newKey(t, "--pin", pin)
	assert.NotZero(t, other.run(lines(pin), unlock...).status, "with another key")
}
