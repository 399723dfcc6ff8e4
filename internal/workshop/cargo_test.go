package workshop

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program is compiled once for what its sources and its pins are.
func TestCargoIsKept(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	bin, crate := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	cargo := func(script string) {
		require.NoError(t, os.WriteFile(filepath.Join(bin, "cargo"), []byte("#!/bin/sh\n"+script), 0o700))
	}
	source := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(crate, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(crate, name), []byte(text), 0o600))
	}
	c := Cargo{Name: "test", Crate: crate, Program: "device"}
	_, err := c.Built()
	require.ErrorIs(t, err, os.ErrNotExist)

	source("Cargo.lock", "version = 4")
	source("Cargo.toml", "[package]")
	source("src/main.rs", "fn main() {}")
	cargo("echo no such crate >&2; exit 101")
	_, err = c.Built()
	require.ErrorContains(t, err, "no such crate")

	cargo(`for folder; do :; done; mkdir -p "$folder/debug" && echo "$@" > "$folder/debug/device"`)
	first, err := c.Built()
	require.NoError(t, err)
	asked, err := os.ReadFile(first)
	require.NoError(t, err)
	assert.Contains(t, string(asked), "--locked")

	cargo("exit 101")
	again, err := c.Built()
	require.NoError(t, err)
	assert.Equal(t, first, again)

	source("src/store.rs", "struct Store;")
	_, err = c.Built()
	require.Error(t, err, "of what is another program")
}
