//go:build interop

package pcsc_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/workshop"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/pcsc"
)

// aims says of every check what befalls the device before. All but those of this
// folder are also run over CTAPHID, in interop/python.
var aims = map[string]struct {
	model  func() authenticator.Model // SecurityKey if nil
	before func(*card)
}{
	"atr":                   {},
	"getinfo":               {},
	"selection":             {},
	"touch-refused":         {before: func(c *card) { c.user.Always(authenticator.Decline) }},
	"touch-awaited":         {before: func(c *card) { c.user.Always(authenticator.Ignore) }},
	"reset":                 {},
	"discoverable":          {},
	"non-discoverable":      {},
	"excluded":              {},
	"long-allow-list":       {},
	"many-accounts":         {},
	"set-pin":               {model: pinKey},
	"wrong-pin":             {model: pinKey},
	"permissions":           {model: pinKey},
	"discoverable-by-pin":   {model: pinKey},
	"cred-protect":          {},
	"hmac-secret":           {},
	"prf":                   {},
	"large-blobs":           {},
	"credential-management": {},
	"credential-update":     {},
	"u2f":                   {},
	"u2f-key-over-ctap2":    {},
	"u2f-untouched":         {before: func(c *card) { c.user.Always(authenticator.Ignore) }},
}

// pinKey is a security key that knows its owner by PIN alone.
func pinKey() authenticator.Model {
	m := authenticator.SecurityKey()
	m.Name = "PIN key"
	m.UV, m.UVModality, m.UVAttempts, m.UVRetries, m.Config.ByUV = authenticator.NoUV, 0, 0, 0, false
	return m
}

func TestPythonFIDO2(t *testing.T) {
	t.Parallel()
	python := installed(t)
	for _, form := range [][]string{{"--protocol=2"}, {"--protocol=1", "--extended"}} {
		t.Run(form[len(form)-1], func(t *testing.T) {
			t.Parallel()
			d := startPCSCD(t)
			for name, aim := range aims {
				t.Run(name, func(t *testing.T) {
					model := authenticator.SecurityKey()
					if aim.model != nil {
						model = aim.model()
					}
					c := d.insert(t, model, transport.Attend)
					if aim.before != nil {
						aim.before(c)
					}
					assert.Empty(t, check(t, d, python, append(form, readerName, name)...)())
					c.take()
					d.await(t, false)
				})
			}
		})
	}
}

// A card that is taken away in the middle of a request ends it.
func TestCardTakenFromPythonFIDO2(t *testing.T) {
	t.Parallel()
	d := startPCSCD(t)
	c := d.insert(t, authenticator.SecurityKey(), transport.Attend)
	c.user.Always(authenticator.Ignore)
	ended := check(t, d, installed(t), readerName, "taken-away")
	require.NoError(t, c.user.AwaitAsked(t.Context(), 1))
	c.take()
	assert.Empty(t, ended())
}

// Without a device a check must not succeed.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	d := startPCSCD(t)
	assert.Contains(t, check(t, d, installed(t), readerName, "getinfo")(), "not enough values to unpack")
}

// check begins a check, and returns what waits for its verdict.
func check(t *testing.T, d *daemon, python string, arguments ...string) (verdict func() (wrong string)) {
	t.Helper()
	command := exec.CommandContext(t.Context(), python, append([]string{"-B", "nfc_client.py"}, arguments...)...)
	command.Env = append(os.Environ(), pcsc.SocketVariable+"="+d.socket)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	return func() string {
		var said struct{ Check, Wrong string }
		require.NoError(t, json.NewDecoder(out).Decode(&said))
		require.NoError(t, command.Wait())
		assert.Equal(t, arguments[len(arguments)-1], said.Check)
		return said.Wrong
	}
}

// installed returns a Python that has what the checks over CTAPHID require, and
// Debian's pyscard, which only Debian's own Python has.
func installed(t *testing.T) (python string) {
	t.Helper()
	python, err := workshop.Python{
		Name: "python-pcsc", Base: "/usr/bin/python3", Requirements: "../python/requirements.txt", Imports: "fido2, smartcard", System: true,
	}.Installed()
	require.NoError(t, err)
	return python
}
