package scratch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const prefix = "lab-"

func TestOnlyTheDeadAreSwept(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	alive, err := Make(parent, prefix)
	require.NoError(t, err)
	dead, err := Make(parent, prefix)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dead.Path, "recording"), []byte("x"), 0o600))
	require.NoError(t, dead.lock.Close(), "as happens when the process is killed")

	others := []string{
		filepath.Join(parent, prefix+"unmarked"),
		filepath.Join(parent, "other-1"),
		filepath.Join(parent, prefix),
	}
	for _, dir := range others {
		require.NoError(t, os.Mkdir(dir, 0o700))
	}
	for _, dir := range others[1:] { // with a lock that nobody holds
		require.NoError(t, os.WriteFile(filepath.Join(dir, lockName), nil, 0o600))
	}
	link := filepath.Join(parent, prefix+"link")
	require.NoError(t, os.Symlink(others[1], link))

	made, err := Make(parent, prefix)
	require.NoError(t, err)
	assert.NoDirExists(t, dead.Path)
	for _, dir := range append(others, alive.Path, made.Path) {
		assert.DirExists(t, dir)
	}
	assert.FileExists(t, filepath.Join(link, lockName), "a link is not followed")

	for _, d := range []*Dir{alive, made, made} {
		require.NoError(t, d.Remove())
		assert.NoDirExists(t, d.Path)
	}
	require.NoError(t, dead.Remove(), "removed already")
}

func TestMakeSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := Make(filepath.Join(t.TempDir(), "nowhere"), prefix)
	assert.ErrorIs(t, err, os.ErrNotExist)
}
