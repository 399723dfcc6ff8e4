//go:build interop

package exec_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answering returns the words before a program of OpenSSH that has a PIN typed
// where it asks for one, and nothing where it asks for a passphrase.
func (k *key) answering(pin string) []string {
	k.t.Helper()
	script := k.write("askpass", "#!/bin/sh\ncase $1 in *PIN*) echo "+pin+" ;; *) echo ;; esac\n")
	require.NoError(k.t, os.Chmod(script, 0o700))
	return []string{"env", "SSH_ASKPASS=" + script, "SSH_ASKPASS_REQUIRE=force"}
}

// generate has ssh-keygen make an identity that lives on the key.
func (k *key) generate(kind, pin string, options ...string) (identity string) {
	k.t.Helper()
	identity = filepath.Join(k.folder, "id")
	arguments := append(k.answering(pin), "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", identity)
	for _, o := range options {
		arguments = append(arguments, "-O", o)
	}
	k.ok("", arguments...)
	return identity
}

func TestSSHLogin(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		kind            string
		flags, generate []string
		server          []string
	}{
		"ecdsa":           {kind: "ecdsa-sk"},
		"ed25519":         {kind: "ed25519-sk"},
		"without touch":   {kind: "ed25519-sk", generate: []string{"no-touch-required"}, server: []string{"PubkeyAuthOptions none"}},
		"verify-required": {kind: "ed25519-sk", flags: pinKey, generate: []string{"verify-required"}, server: []string{"PubkeyAuthOptions verify-required"}},
		"resident":        {kind: "ecdsa-sk", flags: pinKey, generate: []string{"resident", "application=ssh:lab", "user=alice"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, s := newKey(t, c.flags...), newServer(t, c.server...)
			identity := k.generate(c.kind, pin, c.generate...)
			accepted := k.read("id.pub")
			if name == "without touch" {
				accepted = "no-touch-required " + accepted
			}
			s.lets(t, accepted)
			assert.Equal(t, "hello\n", k.ok("", append(k.answering(pin), s.login(identity)...)...), "%s", s.log)

			other := newKey(t, c.flags...)
			got := other.run("", append(other.answering(pin), s.login(identity)...)...)
			assert.NotZero(t, got.status, "with another key in the slot")
			assert.Contains(t, got.err, "Permission denied")
		})
	}
}

func TestSSHGenerateAsNobody(t *testing.T) {
	t.Parallel()
	k := asNobody(t)
	k.generate("ed25519-sk", "")
	assert.Contains(t, k.read("id.pub"), "sk-ssh-ed25519@openssh.com")
}

func TestSSHDownloadsResidentKeys(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	k.generate("ed25519-sk", pin, "resident", "application=ssh:lab")
	made := k.read("id.pub")
	k.fails("incorrect passphrase supplied to decrypt private key", "", append(k.answering("0000"), "ssh-keygen", "-K", "-N", "")...)
	k.ok("", append(k.answering(pin), "ssh-keygen", "-K", "-N", "")...)
	downloaded := k.read("id_ed25519_sk_rk_lab.pub")
	assert.Equal(t, fields(made)[1], fields(downloaded)[1])
}

func TestSSHSigns(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	identity := k.generate("ecdsa-sk", "")
	message := k.write("message", "what was agreed\n")
	sign := []string{"ssh-keygen", "-Y", "sign", "-n", "file", "-f", identity, message}
	k.ok("", sign...)
	allowed := k.write("allowed", "alice@example.com "+k.read("id.pub"))
	verify := []string{"ssh-keygen", "-Y", "verify", "-n", "file", "-I", "alice@example.com", "-f", allowed, "-s", message + ".sig"}
	assert.Contains(t, k.ok("what was agreed\n", verify...), "Good")
	k.fails("Could not verify signature", "what was not agreed\n", verify...)

	require.NoError(t, os.Remove(message+".sig"))
	other := newKey(t)
	other.fails("Couldn't sign message", "", sign...)
}

func TestSSHNeedsTheRightPIN(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	identity := filepath.Join(k.folder, "id")
	got := k.run("", append(k.answering("0000"), "ssh-keygen", "-q", "-t", "ed25519-sk", "-N", "", "-f", identity, "-O", "resident")...)
	assert.NotZero(t, got.status)
	assert.NoFileExists(t, identity)
}
