package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestServeKeepsADataKey starts sites on a file whose key is beside it, elsewhere, gone, or
// another one.
func TestServeKeepsADataKey(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "site.db")
	serve := []string{"serve", "--listen", "127.0.0.1:0", "--data", data}
	t.Run("made", func(t *testing.T) { keepRunning(t, serve...) })
	t.Run("found", func(t *testing.T) { keepRunning(t, serve...) })
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.Rename(data+".key", elsewhere))
	t.Run("named", func(t *testing.T) { keepRunning(t, append(serve, "--data-key", elsewhere)...) })

	got := command(t, serve...)
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "site.db.key, is not there; put it back, or name it with --data-key")
	assert.NoFileExists(t, data+".key", "one that opens nothing is not left behind")
	another := filepath.Join(t.TempDir(), "another")
	t.Run("of another database", func(t *testing.T) {
		keepRunning(t, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "other.db"), "--data-key", another)
	})
	got = command(t, append(serve, "--data-key", another)...)
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "is not the key of the secrets in the database")
	assert.FileExists(t, another)
	got = command(t, "serve", "--listen", "127.0.0.1:0", "--data-key", another)
	assert.Contains(t, got.err, "--data-key goes with --data")
}
