package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/authenticators"
)

// typed runs a command line with something on its standard input.
func typed(t *testing.T, input string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	c := &console{
		Context: t.Context(), in: strings.NewReader(input), out: &out, err: &err,
		env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 },
	}
	return outcome{c.main(args), out.String(), err.String()}
}

func TestConformSelf(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "report")
	got := command(t, "conform", "authenticator", "--match", "getinfo", "--match", "selection", "--gate", "--seed", "7", "--report", folder)
	require.Equal(t, exitOK, got.status, got.err)
	assert.Contains(t, got.out, "selection  3 passed")
	assert.Contains(t, got.out, "seed 7")
	for _, name := range []string{"index.html", "junit.xml", "report.json", "badge.svg"} {
		assert.FileExists(t, filepath.Join(folder, name))
	}
	raw, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"repeat": "passkeylab conform authenticator --match selection/plain --seed 7"`)
	assert.Contains(t, string(raw), `"rule": "MUST, CTAP 2.3 §6.9"`)
	assert.Contains(t, string(raw), `"decoded": "versions (0x01):`)
}

func TestConformFindsFaults(t *testing.T) {
	t.Parallel()
	args := []string{"conform", "authenticator", "--match", "getassertion/signature", "--fault", "signature/bit-flip"}
	got := command(t, args...)
	assert.Equal(t, exitFailed, got.status)
	assert.Contains(t, got.out, "✗ getassertion/signature · self failed")
	assert.Contains(t, got.err, "does not pass: 1 failed")

	got = command(t, "conform", "authenticator", "--match", "hid/sequence", "--match", "nfc/chain", "--fault", "hid/sequence-unchecked", "--fault", "nfc/chain-kept")
	assert.Equal(t, exitFailed, got.status)
	assert.Contains(t, got.out, "✗ hid/sequence/skipped · self failed")
	assert.Contains(t, got.out, "✗ nfc/chain/ended-by-another · self failed")

	waivers := filepath.Join(t.TempDir(), "waivers")
	require.NoError(t, os.WriteFile(waivers, []byte("getassertion/signature 2999-12-31 being mended\n"), 0o600))
	got = command(t, append(args, "--waivers", waivers)...)
	assert.Equal(t, exitOK, got.status, got.err)
	assert.Contains(t, got.out, "1 waived")
	got = command(t, "conform", "authenticator", "--match", "getassertion/signature", "--waivers", waivers, "--gate")
	assert.Equal(t, exitFailed, got.status)
	assert.Contains(t, got.err, "line 1 of the waivers: getassertion/signature was neither failed nor skipped")
}

func TestConformList(t *testing.T) {
	t.Parallel()
	got := command(t, "conform", "authenticator", "--list", "--match", "selection")
	require.Equal(t, exitOK, got.status, got.err)
	assert.Equal(t, 6, strings.Count(got.out, "\n"))
	got = command(t, "cases", "--json")
	require.Equal(t, exitOK, got.status, got.err)
	var list []struct{ ID, Doc, Level, Section string }
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	assert.Len(t, list, len(authenticators.Cases()))
	for _, c := range list {
		assert.NotEmpty(t, c.ID)
		assert.NotEmpty(t, c.Doc)
		assert.NotEmpty(t, c.Level)
	}
}

func TestConformUsedWrongly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken := filepath.Join(folder, "waivers")
	require.NoError(t, os.WriteFile(broken, []byte("\nselection/plain soon because\n"), 0o600))
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no such case", []string{"--match", "selektion"}, `did you mean "selection"?`},
		{"no such level", []string{"--level", "maybe"}, "must be one of"},
		{"no such shard", []string{"--shard", "5/4"}, "there is no shard 5 of 4"},
		{"no shard", []string{"--shard", "half"}, "give it as 1/4"},
		{"no such profile", []string{"--profile", "pin-kee"}, `--profile: no profile is called "pin-kee"`},
		{"no such fault", []string{"--fault", "signature/bit-flop"}, `did you mean "signature/bit-flip"?`},
		{"a fault of a client", []string{"--fault", "clientdata/origin-other"}, "that is a fault of a client"},
		{"a fault elsewhere", []string{"--target", "tcp:127.0.0.1:1", "--fault", "signature/bit-flip"}, "only our own devices have faults on demand"},
		{"no target", []string{"--target", "selb"}, "give self, or one of"},
		{"nobody there", []string{"--target", "tcp:127.0.0.1:1"}, "is it running?"},
		{"no control channel", []string{"--target", "tcp:127.0.0.1:1", "--control", "https://x"}, "is no control channel"},
		{"broken waivers", []string{"--waivers", broken}, `line 2: "soon" is no day`},
		{"a baseline that is none", []string{"--baseline", broken}, "this is no report.json"},
		{"a key without leave", []string{"--target", "hidraw:/dev/hidraw9"}, "Say --allow-reset if they may be"},
		{"a card without leave", []string{"--target", "pcsc:Reader"}, "all its passkeys and its PIN are lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, append([]string{"conform", "authenticator"}, c.args...)...)
			assert.Equal(t, exitBroken, got.status)
			assert.Contains(t, got.err, c.says)
			assert.Empty(t, got.out)
		})
	}
}

// Erasing a key takes a flag and a sentence, typed to the letter.
func TestKeysAreNotErasedByMistake(t *testing.T) {
	t.Parallel()
	args := []string{"conform", "authenticator", "--target", "hidraw:/dev/hidraw9", "--allow-reset"}
	for _, input := range []string{"", "y\n", "yes\n", "erase\n", "erase hidraw:/dev/hidraw8\n"} {
		got := typed(t, input, args...)
		assert.Equal(t, exitBroken, got.status)
		assert.Contains(t, got.err, "nothing was erased", "%q", input)
	}
	got := typed(t, "erase hidraw:/dev/hidraw9\n", args...)
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "is it running?", "it may go on, but there is no such key")
}

// A device behind a socket is judged by way of its control channel.
func TestConformOverASocket(t *testing.T) {
	t.Parallel()
	at, stop := runDevice(t, 2, "--listen", "unix:"+filepath.Join(t.TempDir(), "key"), "--control", "127.0.0.1:0")
	got := command(t, "conform", "authenticator", "--target", at[0], "--control", at[1],
		"--match", "makecredential/exclude", "--match", "makecredential/power-cycle", "--match", "clientpin/retries", "--match", "reset/cancelled",
		"--match", "hid/lock", "--match", "reset/window", "--match", "largeblobs/set", "--gate")
	assert.Equal(t, exitOK, got.status, got.err+got.out)
	assert.Contains(t, got.out, "passed")
	assert.NotContains(t, got.out, "skipped")
	assert.Equal(t, exitOK, stop())
}

// Without a control channel a device is reset as often as it lets itself be.
func TestConformWithoutControl(t *testing.T) {
	t.Parallel()
	at, stop := runDevice(t, 1, "--listen", "tcp:127.0.0.1:0", "--profile", "pin-key")
	got := command(t, "conform", "authenticator", "--target", at[0], "--match", "getinfo/stable", "--match", "getinfo/aaguid-length")
	assert.Equal(t, exitOK, got.status, got.err+got.out)
	assert.Contains(t, got.out, "2 passed")
	assert.Equal(t, exitOK, stop())
}
