package fuzzseed_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/fuzzseed"
)

func TestSeedsAreWhatTheyAreMadeOf(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "fuzz", "FuzzAnything")
	seeds := fuzzseed.Seeds{
		"bytes":   {[]byte("\x00\xff\"")},
		"several": {byte(4), "text", []byte{}},
	}
	assert.ErrorContains(t, fuzzseed.Check(folder, seeds), "missing")
	require.NoError(t, fuzzseed.Write(folder, seeds))
	require.NoError(t, fuzzseed.Check(folder, seeds))
	kept, err := os.ReadFile(filepath.Join(folder, "several"))
	require.NoError(t, err)
	assert.Equal(t, "go test fuzz v1\nbyte('\\x04')\nstring(\"text\")\n[]byte(\"\")\n", string(kept))

	assert.ErrorContains(t, fuzzseed.Check(folder, fuzzseed.Seeds{"bytes": {[]byte{1}}, "several": seeds["several"]}), `"bytes"`)
	assert.ErrorContains(t, fuzzseed.Check(folder, fuzzseed.Seeds{"bytes": seeds["bytes"]}), `"several", which is no seed`)
}

// What fuzzing found is a regression test from then on.
func TestFindingsStay(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	finding := filepath.Join(folder, "582528ddfad69eb5")
	for _, path := range []string{finding, filepath.Join(folder, "of-old")} {
		require.NoError(t, os.WriteFile(path, []byte("go test fuzz v1\n"), 0o600))
	}
	require.NoError(t, fuzzseed.Write(folder, nil))
	require.NoError(t, fuzzseed.Check(folder, nil))
	assert.FileExists(t, finding)
	assert.NoFileExists(t, filepath.Join(folder, "of-old"))
}

// "go test" reads the seed below, as it reads all others.
func FuzzArguments(f *testing.F) {
	f.Fuzz(func(t *testing.T, number byte, text string, bytes []byte) {
		folder := t.TempDir()
		seeds := fuzzseed.Seeds{"seed": {number, text, bytes}}
		require.NoError(t, fuzzseed.Write(folder, seeds))
		require.NoError(t, fuzzseed.Check(folder, seeds))
	})
}

func TestSeedOfArguments(t *testing.T) {
	t.Parallel()
	require.NoError(t, fuzzseed.Check("testdata/fuzz/FuzzArguments", fuzzseed.Seeds{"one-of-each": {byte(0xe9), "a\x00\xffé", []byte("b\x80\n")}}))
}
