//go:build interop

package exec_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// node is where programs find the first key.
const node = "/dev/hidraw0"

const pin, otherPIN = "1234", "987654"

// lines are what a person types, one after the other.
func lines(typed ...string) string { return strings.Join(typed, "\n") + "\n" }

func TestTokenList(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]*key{"as this user": newKey(t), "as nobody": asNobody(t)} {
		t.Run(name, func(t *testing.T) {
			k.t = t
			assert.Regexp(t, `^/dev/hidraw0: vendor=0x[0-9a-f]{4}, product=0x[0-9a-f]{4} \(.+\)\n$`, k.ok("", "fido2-token", "-L"))
		})
	}
}

func TestTokenListsSeveralKeys(t *testing.T) {
	t.Parallel()
	k := &key{t: t, folder: t.TempDir(), flags: []string{"--profile", "security-key", "--profile", "fingerprint-key"}, user: uint32(os.Getuid())}
	found := strings.Split(strings.TrimSpace(k.ok("", "fido2-token", "-L")), "\n")
	assert.Len(t, found, 2)
	for _, node := range []string{"/dev/hidraw0", "/dev/hidraw1"} {
		assert.Contains(t, k.ok("", "fido2-token", "-I", node), "FIDO_2_1")
	}
}

func TestTokenInfo(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	told := k.ok("", "fido2-token", "-I", node)
	for _, want := range []string{"proto: 0x02", "FIDO_2_1", "credProtect", "hmac-secret", "clientPin", "usb", "es256"} {
		assert.Contains(t, told, want)
	}
}

func TestTokenPIN(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	k.ok(lines(pin, pin), "fido2-token", "-S", node)
	assert.Contains(t, k.ok("", "fido2-token", "-I", node), "pin retries: 8")
	k.fails("FIDO_ERR_PIN_INVALID", lines("0000", otherPIN, otherPIN), "fido2-token", "-C", node)
	assert.Contains(t, k.ok("", "fido2-token", "-I", node), "pin retries: 7")
	k.ok(lines(pin, otherPIN, otherPIN), "fido2-token", "-C", node)
	k.fails("invalid PIN length", lines(otherPIN, "123", "123"), "fido2-token", "-C", node)
}

func TestTokenReset(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	k.resident("login.example", "alice")
	k.ok("", "fido2-token", "-R", node)
	k.flags = k.flags[:4] // a key that was reset has no PIN
	assert.Contains(t, k.ok("", "fido2-token", "-I", node), "noclientPin")
}

func TestTokenCredentials(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	k.resident("login.example", "alice")
	k.resident("login.example", "bob")
	k.resident("other.example", "alice")
	sites := k.ok(lines(pin), "fido2-token", "-L", "-r", node)
	assert.Contains(t, sites, "login.example")
	assert.Contains(t, sites, "other.example")
	held := k.ok(lines(pin), "fido2-token", "-L", "-k", "login.example", node)
	assert.Contains(t, held, userID)
	assert.Contains(t, held, userIDOf("bob"))
	assert.Contains(t, k.ok(lines(pin), "fido2-token", "-I", "-c", node), "existing rk(s): 3")

	first := strings.Fields(strings.Split(held, "\n")[0])[1]
	k.fails("FIDO_ERR_PIN_INVALID", lines("0000"), "fido2-token", "-D", "-i", first, node)
	k.ok(lines(pin), "fido2-token", "-D", "-i", first, node)
	left := strings.TrimSpace(k.ok(lines(pin), "fido2-token", "-L", "-k", "login.example", node))
	assert.Len(t, strings.Split(left, "\n"), 1)
}

// libfido2 1.12 sends what the drafts of CTAP 2.1 had, and they had no renaming.
func TestTokenRenamesUser(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	k.resident("login.example", "alice")
	held := strings.Fields(k.ok(lines(pin), "fido2-token", "-L", "-k", "login.example", node))
	k.fails("fido_credman_set_dev_rk", lines(pin), "fido2-token", "-S", "-c", "-i", held[1], "-k", userID, "-n", "alicia", "-p", "Alicia", node)
}

func TestTokenLargeBlobs(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	k.resident("login.example", "alice", "-b")
	blob := k.write("blob", "kept beside the passkey")
	k.ok(lines(pin), "fido2-token", "-S", "-b", "-n", "login.example", blob, node)
	assert.Contains(t, k.ok(lines(pin), "fido2-token", "-L", "-b", node), "\n00: ")
	k.ok(lines(pin), "fido2-token", "-G", "-b", "-n", "login.example", filepath.Join(k.folder, "back"), node)
	assert.Equal(t, "kept beside the passkey", k.read("back"))
	k.fails("FIDO_ERR_PIN_INVALID", lines("0000"), "fido2-token", "-D", "-b", "-n", "login.example", node)
	k.ok(lines(pin), "fido2-token", "-D", "-b", "-n", "login.example", node)
	k.fails("", lines(pin), "fido2-token", "-G", "-b", "-n", "login.example", filepath.Join(k.folder, "gone"), node)
}

func TestTokenConfig(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	k.ok(lines(pin), "fido2-token", "-S", "-u", node)
	assert.Contains(t, k.ok("", "fido2-token", "-I", node), " alwaysUv")
	k.ok(lines(pin), "fido2-token", "-D", "-u", node)
	assert.Contains(t, k.ok("", "fido2-token", "-I", node), "noalwaysUv")
	k.ok(lines(pin), "fido2-token", "-S", "-l", "6", node)
	told := k.ok("", "fido2-token", "-I", node)
	assert.Contains(t, told, "minpinlen: 6")
	assert.Contains(t, told, "pin change required: true")
	k.fails("FIDO_ERR_PIN_POLICY_VIOLATION", lines(pin, "12345", "12345"), "fido2-token", "-C", node)
	k.flags = k.flags[:4]
	k.ok(lines(pin, otherPIN, otherPIN), "fido2-token", "-C", node)
}

func TestTokenFingerprints(t *testing.T) {
	t.Parallel()
	k := newKey(t, "--profile", "fingerprint-key", "--pin", pin)
	k.ok(lines(pin), "fido2-token", "-S", "-e", node)
	listed := k.ok(lines(pin), "fido2-token", "-L", "-e", node)
	fields := strings.Fields(strings.Split(listed, "\n")[0])
	require.GreaterOrEqual(t, len(fields), 2, listed)
	k.ok(lines(pin), "fido2-token", "-S", "-e", "-i", fields[1], "-n", "left thumb", node)
	assert.Contains(t, k.ok(lines(pin), "fido2-token", "-L", "-e", node), "left thumb")
	k.fails("FIDO_ERR_PIN_INVALID", lines("0000"), "fido2-token", "-D", "-e", "-i", fields[1], node)
	k.ok(lines(pin), "fido2-token", "-D", "-e", "-i", fields[1], node)
}
