package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// list is a command that lists the keys it sees, by what they say of themselves.
const list = `cat /sys/bus/usb/devices/250-*/product`

func TestExecPlugsKeysIn(t *testing.T) {
	t.Parallel()
	got := command(t, "exec", "--", "sh", "-c", list+"; test -c /dev/$(ls /sys/class/hidraw | tail -n 1)")
	assert.Equal(t, outcome{exitOK, "security-key\n", ""}, got)

	store := filepath.Join(t.TempDir(), "key")
	got = command(t, "exec", "--profile", "fingerprint-key", "--profile", "security-key", "--store", store, "sh", "-c", list)
	assert.Equal(t, outcome{exitOK, "fingerprint-key\nsecurity-key\n", ""}, got)
	assert.FileExists(t, store)
	assert.FileExists(t, store+".2", "each key has its own memory")
}

func TestExecEndsAsTheCommand(t *testing.T) {
	t.Parallel()
	for script, status := range map[string]int{
		"exit 0": 0, "exit 1": 1, "exit 42": 42, "kill -TERM $$": 128 + 15, "kill -KILL $$": 128 + 9,
	} {
		assert.Equal(t, outcome{status: status}, command(t, "exec", "--", "sh", "-c", script), script)
	}
}

// Not parallel: signals are for the whole process.
func TestExecPassesSignalsOn(t *testing.T) {
	said, status := make(lineWriter, 1), make(chan int, 1)
	c := &console{Context: t.Context(), out: said, err: io.Discard}
	go func() {
		status <- c.main([]string{"exec", "--", "sh", "-c", `trap 'exit 9' TERM; echo ready; while :; do sleep 1000 & wait $!; done`})
	}()
	require.Equal(t, "ready\n", <-said)
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGTERM))
	assert.Equal(t, 9, <-status)
}

func TestExecUsedWrongly(t *testing.T) {
	t.Parallel()
	first := filepath.Join(t.TempDir(), "notes")
	damaged := first + ".2"
	require.NoError(t, os.WriteFile(damaged, []byte("these are no credentials"), 0o600))
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no command":       {nil, "expected"},
		"nothing after --": {[]string{"--"}, "no command: passkeylab exec -- CMD"},
		"no such program":  {[]string{"--", "no-such-program"}, "no-such-program"},
		"no such profile":  {[]string{"--profile", "toaster", "--", "true"}, `no profile is called "toaster"`},
		"no plug":          {[]string{"--profile", "phone", "--", "true"}, "no USB plug"},
		"PIN too short":    {[]string{"--pin", "123", "--", "true"}, "--pin: "},
		"damaged store":    {[]string{"--store", damaged, "--", "true"}, "store"},
		"damaged, of two":  {[]string{"--profile", "security-key", "--profile", "security-key", "--store", first, "--", "true"}, "store"},
		"store in a file":  {[]string{"--store", filepath.Join(damaged, "x"), "--", "true"}, "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := command(t, append([]string{"exec"}, c.args...)...)
			assert.Equal(t, exitBroken, got.status)
			assert.Contains(t, got.err, c.says)
			assert.Regexp(t, `^passkeylab: [^\n]*\n$`, got.err, "one line")
		})
	}
}

// A program cuts the power of a key that is plugged in: its file goes and comes.
func TestExecControl(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	said, status := make(lineWriter, 1), make(chan int, 1)
	c := &console{Context: ctx, out: said, err: io.Discard}
	// It stays until it is told to go: it sees the key before whoever plugged that in is
	// answered, and takes the control channel along.
	enough := filepath.Join(t.TempDir(), "enough")
	script := `node=/dev/$(ls /sys/class/hidraw | tail -n 1); echo $PASSKEYLAB_CONTROL
		while test -e $node; do sleep 0.02; done; echo gone
		until test -e $node; do sleep 0.02; done; echo back
		until test -e ` + enough + `; do sleep 0.02; done`
	go func() {
		status <- c.main([]string{"exec", "--control", "127.0.0.1:0", "--", "sh", "-c", script})
	}()
	r := &running{t: t, ctx: ctx, panel: strings.TrimSpace(<-said)}
	assert.Equal(t, "on", r.ask("GET", "/", "").Power)
	assert.Equal(t, "off", r.ask("POST", "/power/off", "").Power)
	assert.Equal(t, "gone\n", <-said)
	assert.Equal(t, "on", r.ask("POST", "/power/on", "").Power)
	assert.Equal(t, "back\n", <-said)
	require.NoError(t, os.WriteFile(enough, nil, 0o600))
	assert.Equal(t, exitOK, <-status)
}
