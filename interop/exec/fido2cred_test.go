//go:build interop

package exec_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	clientDataHash = base64.StdEncoding.EncodeToString([]byte("client data, hashed to 32 octets"))
	userID         = userIDOf("alice")
	salt           = base64.StdEncoding.EncodeToString([]byte("a salt of exactly 32 octets, yes"))
)

func userIDOf(user string) string { return base64.StdEncoding.EncodeToString([]byte("ID of " + user)) }

// pinKey is for a key with a PIN, and without a fingerprint reader.
var pinKey = []string{"--profile", "pin-key", "--pin", pin}

func newPINKey(t *testing.T) *key {
	t.Helper()
	return newKey(t, pinKey...)
}

// resident makes a discoverable credential of a user whose ID is the name.
func (k *key) resident(site, user string, options ...string) {
	k.t.Helper()
	parameters := k.write("make", lines(clientDataHash, site, user, userIDOf(user)))
	k.ok(lines(pin), append(append([]string{"fido2-cred", "-M", "-r", "-v", "-i", parameters}, options...), node)...)
}

// made is a credential that the key made and fido2-cred verified.
type made struct{ id, publicKey string }

// make makes a credential and has it verified, both with options.
func (k *key) make(site, algorithm string, options, verify []string) made {
	k.t.Helper()
	parameters := k.write("make", lines(clientDataHash, site, "alice", userID))
	arguments := append(append([]string{"fido2-cred", "-M", "-i", parameters}, options...), node, algorithm)
	told := k.ok(lines(pin), arguments...)
	if slices.Contains(options, "-b") {
		// fido2-cred would take the largeBlobKey for a certificate.
		told = strings.Join(strings.SplitAfter(told, "\n")[:6], "")
	}
	credential := k.write("credential", told)
	arguments = append(append([]string{"fido2-cred", "-V", "-i", credential}, verify...), algorithm)
	id, publicKey, found := strings.Cut(k.ok("", arguments...), "\n")
	require.True(k.t, found)
	return made{id, publicKey}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		algorithm                           string
		flags, make, verify, assert, signed []string
		input                               []string
	}{
		"es256":         {algorithm: "es256", assert: []string{"-p"}, signed: []string{"-p"}},
		"eddsa":         {algorithm: "eddsa", assert: []string{"-p"}, signed: []string{"-p"}},
		"u2f":           {algorithm: "es256", make: []string{"-u"}, assert: []string{"-u", "-p"}, signed: []string{"-p"}},
		"resident":      {algorithm: "es256", flags: pinKey, make: []string{"-r"}, assert: []string{"-r", "-p"}, signed: []string{"-p"}},
		"verified":      {algorithm: "es256", flags: pinKey, make: []string{"-v"}, verify: []string{"-v"}, assert: []string{"-v", "-p"}, signed: []string{"-v", "-p"}},
		"protected":     {algorithm: "es256", make: []string{"-c", "2"}, verify: []string{"-c", "2"}, assert: []string{"-p"}, signed: []string{"-p"}},
		"hmac-secret":   {algorithm: "es256", make: []string{"-h"}, verify: []string{"-h"}, assert: []string{"-h", "-p"}, signed: []string{"-h", "-p"}, input: []string{salt}},
		"largeBlobKey":  {algorithm: "es256", flags: pinKey, make: []string{"-r", "-b"}, assert: []string{"-r", "-b", "-p"}, signed: []string{"-p"}},
		"without touch": {algorithm: "es256", assert: []string{"-t", "up=false"}},
		"uv by option":  {algorithm: "es256", assert: []string{"-t", "up=true", "-t", "uv=true"}, signed: []string{"-p", "-v"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKey(t, c.flags...)
			credential := k.make("login.example", c.algorithm, c.make, c.verify)
			input := []string{clientDataHash, "login.example"}
			if !slices.Contains(c.assert, "-r") {
				input = append(input, credential.id)
			}
			parameters := k.write("get", lines(append(input, c.input...)...))
			assertion := k.ok(lines(pin), append(append([]string{"fido2-assert", "-G", "-i", parameters}, c.assert...), node)...)
			signed, publicKey := k.write("assertion", assertion), k.write("public", credential.publicKey)
			k.ok("", append(append([]string{"fido2-assert", "-V", "-i", signed}, c.signed...), publicKey, c.algorithm)...)

			forged := k.write("forged", strings.Replace(assertion, clientDataHash, salt, 1))
			k.fails("FIDO_ERR_INVALID_SIG", "", append(append([]string{"fido2-assert", "-V", "-i", forged}, c.signed...), publicKey, c.algorithm)...)
		})
	}
}

func TestCredentialsNeedTheRightPIN(t *testing.T) {
	t.Parallel()
	k := newPINKey(t)
	parameters := k.write("make", lines(clientDataHash, "login.example", "alice", userID))
	k.fails("FIDO_ERR_PIN_INVALID", lines("0000"), "fido2-cred", "-M", "-r", "-v", "-i", parameters, node)
	k.fails("FIDO_ERR_NO_CREDENTIALS", lines(pin), "fido2-assert", "-G", "-r", "-p", "-i", k.write("get", lines(clientDataHash, "login.example")), node)
}

func TestCredentialsOfAnotherAlgorithm(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	parameters := k.write("make", lines(clientDataHash, "login.example", "alice", userID))
	k.fails("FIDO_ERR_UNSUPPORTED_ALGORITHM", "", "fido2-cred", "-M", "-i", parameters, node, "rs256")
}

func TestHMACSecretIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	credential := k.make("login.example", "es256", []string{"-h"}, []string{"-h"})
	secret := func() string {
		parameters := k.write("get", lines(clientDataHash, "login.example", credential.id, salt))
		told := strings.Split(strings.TrimSpace(k.ok("", "fido2-assert", "-G", "-h", "-p", "-i", parameters, node)), "\n")
		return told[len(told)-1]
	}
	first := secret()
	raw, err := base64.StdEncoding.DecodeString(first)
	require.NoError(t, err)
	assert.Len(t, raw, 32)
	assert.Equal(t, first, secret())
}
