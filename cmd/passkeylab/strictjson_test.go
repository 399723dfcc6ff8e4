package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadStrict(t *testing.T) {
	t.Parallel()
	var v struct{ A int }
	require.NoError(t, readStrict([]byte(" {\"a\": 1}\n "), &v))
	assert.Equal(t, 1, v.A)
	for bad, says := range map[string]string{
		`{"b": 1}`: "unknown field", `{"a": 1} {"a": 2}`: "something follows", `{"a": 1}]`: "something follows", `{"a": 1} x`: "something follows", ``: "EOF",
	} {
		assert.ErrorContains(t, readStrict([]byte(bad), &v), says, bad)
	}
}

// What follows the value in a file is not passed over.
func TestFilesWithMoreThanOneValue(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "two.json")
	require.NoError(t, os.WriteFile(file, []byte("[] []"), 0o600))
	got := command(t, "serve", "--applications", file)
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "something follows the value")
	require.NoError(t, os.WriteFile(file, []byte("{} {}"), 0o600))
	_, err := readEntry(file)
	assert.ErrorContains(t, err, "something follows the value")
}
