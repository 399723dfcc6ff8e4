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

// systemd 252 asks for no PIN where the key does not insist on one to make a
// credential, and then does for one to unlock (both by hmac-secret, of which there
// is another for each). So this one does without.
func TestSystemdCryptenroll(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	volume := k.volume()
	assert.Contains(t, k.ok("", "systemd-cryptenroll", "--fido2-device=list"), node)
	k.ok("", "env", "PASSWORD=a passphrase", "systemd-cryptenroll", "--fido2-device="+node, "--fido2-with-client-pin=no", volume)

	unlock := []string{"cryptsetup", "open", "--test-passphrase", "--token-only", "--token-type", "systemd-fido2", volume}
	k.ok("", unlock...)
	other := newKey(t)
	assert.NotZero(t, other.run("", unlock...).status, "with another key")
}
