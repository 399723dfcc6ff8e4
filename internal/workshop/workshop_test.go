package workshop

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAroundTidiesUp(t *testing.T) {
	t.Parallel()
	why := errors.New("no compiler")
	for name, c := range map[string]struct {
		build  error
		does   bool
		status int
	}{"goes well": {nil, true, 7}, "fails": {why, false, 1}} {
		var folder string
		did := false
		status := Around(func(in string) error {
			folder = in
			return errors.Join(c.build, os.WriteFile(filepath.Join(in, "program"), nil, 0o700))
		}, func() int {
			did = true
			info, err := os.Stat(folder)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o755), info.Mode().Perm(), "others may run what is in it")
			return 7
		})
		assert.Equal(t, c.status, status, name)
		assert.Equal(t, c.does, did, name)
		assert.NoDirExists(t, folder, name)
	}
}

func TestRunShowsWhatWasPrinted(t *testing.T) {
	t.Parallel()
	require.NoError(t, Run("sh", "-c", "exit 0"))
	err := Run("sh", "-c", "echo no such header >&2; exit 3")
	require.ErrorContains(t, err, "no such header")
	require.ErrorContains(t, err, "exit status 3")
}

// An interpreter is made once, of what is required, and not at all where that fails.
func TestPythonIsKept(t *testing.T) {
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	requirements := filepath.Join(t.TempDir(), "requirements.txt")
	p := Python{Name: "test", Base: filepath.Join(t.TempDir(), "python"), Requirements: requirements, Imports: "fido2"}
	_, err := p.Installed()
	require.ErrorIs(t, err, os.ErrNotExist)

	require.NoError(t, os.WriteFile(requirements, []byte("fido2==2\n"), 0o600))
	base := func(script string) {
		require.NoError(t, os.WriteFile(p.Base, []byte("#!/bin/sh\n"+script), 0o700))
	}
	base("exit 1")
	_, err = p.Installed()
	require.ErrorContains(t, err, "exit status 1")
	left, err := filepath.Glob(filepath.Join(caches, "passkeylab", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)

	base(`mkdir -p "$3/bin" && printf '#!/bin/sh\necho "$@" >> "$(dirname "$0")/asked"\n' > "$3/bin/python" && chmod +x "$3/bin/python"`)
	first, err := p.Installed()
	require.NoError(t, err)
	require.NoError(t, os.Remove(p.Base), "which is of no use any more")
	again, err := p.Installed()
	require.NoError(t, err)
	assert.Equal(t, first, again)
	asked, err := os.ReadFile(filepath.Join(filepath.Dir(first), "asked"))
	require.NoError(t, err)
	assert.Equal(t, "-m pip install --quiet --disable-pip-version-check --requirement "+requirements+"\n-c import fido2\n", string(asked))

	require.NoError(t, os.WriteFile(requirements, []byte("fido2==3\n"), 0o600))
	_, err = p.Installed()
	require.Error(t, err, "another version is another interpreter")
}

// What is kept is filled once, for each content of its pins, and not at all where that
// fails.
func TestKept(t *testing.T) {
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	filled := 0
	fill := func(folder string) error {
		filled++
		return os.WriteFile(filepath.Join(folder, "content"), nil, 0o600)
	}
	why := errors.New("no network")
	_, err := Kept("thing", []byte("1"), func(folder string) error { return errors.Join(fill(folder), why) })
	require.ErrorIs(t, err, why)
	left, err := filepath.Glob(filepath.Join(caches, "passkeylab", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)

	first, err := Kept("thing", []byte("1"), fill)
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(first, "content"))
	again, err := Kept("thing", []byte("1"), fill)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Equal(t, 2, filled)
	other, err := Kept("thing", []byte("2"), fill)
	require.NoError(t, err)
	assert.NotEqual(t, first, other)

	raced, err := Kept("thing", []byte("3"), func(folder string) error {
		_, err := Kept("thing", []byte("3"), fill)
		return errors.Join(err, fill(folder))
	})
	require.NoError(t, err, "another program may be faster")
	assert.FileExists(t, filepath.Join(raced, "content"))
}
