//go:build interop

package exec_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// shell has a script use a key that nobody touches but by its control channel.
func shell(script string) []string {
	return []string{"sh", "-c", `tell() { curl --silent --show-error --fail --output answer "$@"; }; ` + script}
}

func TestTouchRefused(t *testing.T) {
	t.Parallel()
	k := newKey(t, "--touch", "refuse")
	parameters := k.write("make", lines(clientDataHash, "login.example", "alice", userID))
	cases := map[string]struct {
		why     string
		program []string
	}{
		"fido2-cred":          {"FIDO_ERR_OPERATION_DENIED", []string{"fido2-cred", "-M", "-i", parameters, node}},
		"fido2-token":         {"FIDO_ERR_OPERATION_DENIED", []string{"fido2-token", "-R", node}},
		"ssh-keygen":          {"Too many incorrect PINs", []string{"ssh-keygen", "-t", "ed25519-sk", "-N", "", "-f", k.folder + "/id"}},
		"systemd-cryptenroll": {"Failed to generate FIDO2 credential", []string{"env", "PASSWORD=a passphrase", "systemd-cryptenroll", "--fido2-device=" + node, "--fido2-with-client-pin=no", k.volume()}},
	}
	// ssh-keygen takes it that a key which refuses wants a PIN.
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			key := *k
			key.t = t
			key.fails(c.why, "", c.program...)
		})
	}
}

func TestTouchAwaited(t *testing.T) {
	t.Parallel()
	k := newKey(t, "--touch", "manual", "--control", "127.0.0.1:0")
	parameters := k.write("make", lines(clientDataHash, "login.example", "alice", userID))
	k.ok("", shell(`fido2-cred -M -i `+parameters+` `+node+` > made & tell $PASSKEYLAB_CONTROL/prompt && tell -X POST $PASSKEYLAB_CONTROL/touch/press && wait $!`)...)
	assert.Contains(t, k.read("made"), "packed")
}

func TestUnplugged(t *testing.T) {
	t.Parallel()
	k := newKey(t, "--touch", "manual", "--control", "127.0.0.1:0")
	parameters := k.write("make", lines(clientDataHash, "login.example", "alice", userID))
	pull := `tell $PASSKEYLAB_CONTROL/prompt && tell $PASSKEYLAB_CONTROL/usb1/power/off || exit 99; `
	t.Run("before", func(t *testing.T) {
		assert.Empty(t, k.ok("", shell(`tell $PASSKEYLAB_CONTROL/usb1/power/off && fido2-token -L`)...))
	})
	t.Run("while a touch is awaited", func(t *testing.T) {
		k.ok("", shell(`fido2-cred -M -i `+parameters+` `+node+` 2> why & `+pull+`! wait $!`)...)
		assert.Contains(t, k.read("why"), "fido_dev_make_cred: FIDO_ERR_")
	})
	t.Run("under ssh-keygen", func(t *testing.T) {
		k.ok("", shell(`ssh-keygen -t ed25519-sk -N '' -f id 2> why & `+pull+`! wait $!`)...)
		assert.NoFileExists(t, k.folder+"/id")
	})
	t.Run("and plugged in again", func(t *testing.T) {
		k.ok("", shell(`tell $PASSKEYLAB_CONTROL/usb1/power/off && tell $PASSKEYLAB_CONTROL/usb1/power/on && fido2-token -I `+node)...)
	})
}
