package authenticator_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
)

// storeFile writes a store file with n credentials, one record each, and returns
// its path and where each record ends.
func storeFile(t testing.TB, n int) (path string, ends []int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keys")
	s, err := authenticator.OpenFileStore(path)
	require.NoError(t, err)
	ends = append(ends, sizeOf(t, path))
	for i := range n {
		c := &authenticator.Credential{ID: fmt.Appendf(nil, "credential %d", i), RPID: "example.com", PrivateKey: make([]byte, 32), Sequence: uint64(i)}
		require.NoError(t, s.Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{c}}))
		ends = append(ends, sizeOf(t, path))
	}
	require.NoError(t, s.Close())
	return path, ends
}

func sizeOf(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

// stored opens the store and counts what is in it.
func stored(t testing.TB, path string) (int, error) {
	t.Helper()
	s, err := authenticator.OpenFileStore(path)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	all, err := s.Find(t.Context(), authenticator.Query{})
	require.NoError(t, err)
	return len(all), nil
}

// A file cut anywhere opens with every record that is whole.
func TestTornTailIsDropped(t *testing.T) {
	t.Parallel()
	path, ends := storeFile(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for size := ends[0]; size <= ends[3]; size++ {
		want := 0
		for _, end := range ends[1:] {
			if size >= end {
				want++
			}
		}
		for _, padding := range []int{0, 1, 5000} {
			require.NoError(t, os.WriteFile(path, append(whole[:size:size], make([]byte, padding)...), 0o600))
			got, err := stored(t, path)
			if size < ends[3] || padding == 0 {
				require.NoError(t, err, "cut at %d, then %d zeros", size, padding)
			}
			require.Equal(t, want, got, "cut at %d, then %d zeros", size, padding)
			got, err = stored(t, path)
			require.NoError(t, err)
			require.Equal(t, want, got, "opened again")
		}
	}
}

// A file changed anywhere else is refused, and left as it is.
func TestDamageIsRefused(t *testing.T) {
	t.Parallel()
	path, ends := storeFile(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := range int64(len(whole)) {
		bent := bytes.Clone(whole)
		bent[at] ^= 0x10
		require.NoError(t, os.WriteFile(path, bent, 0o600))
		_, err := stored(t, path)
		var damage *authenticator.DamageError
		require.ErrorAs(t, err, &damage, "byte %d", at)
		require.ErrorIs(t, err, authenticator.ErrStoreDamaged)
		assert.Equal(t, recordOf(at, ends), damage.Offset, "byte %d", at)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, bent, left, "byte %d: untouched", at)
	}
}

// recordOf returns where the record begins that the byte at belongs to.
func recordOf(at int64, ends []int64) int64 {
	begin := int64(0)
	for _, end := range ends {
		if at >= end {
			begin = end
		}
	}
	if headerLength := int64(len(header)); at >= headerLength && begin == 0 {
		begin = headerLength
	}
	return begin
}

// header is the first line of a store file of version 1, for ever.
const header = "passkeylab store, version 1. TEST KEYS in the clear: never use them for a real account.\n"

func TestDamageErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path, ends := storeFile(t, 2)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	whole[ends[0]+20] ^= 1
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	_, err = stored(t, path)
	assert.EqualError(t, err, fmt.Sprintf("opening the store: %s: damaged at byte %d: a record fails its checksum; "+
		"the file was left as it is: restore it from a copy, or give up this and every later change by cutting it to %d bytes", path, ends[0], ends[0]))
	require.NoError(t, os.Truncate(path, ends[0]), "the mend")
	got, err := stored(t, path)
	require.NoError(t, err)
	assert.Zero(t, got)

	require.NoError(t, os.WriteFile(path, []byte("PDF-1.7"), 0o600))
	_, err = stored(t, path)
	assert.ErrorContains(t, err, "damaged at byte 0: it does not begin like a passkeylab store of version 1; the file was left as it is: name another file")
}

// Records that change places, or go missing in the middle, are damage too.
func TestRecordsAreChained(t *testing.T) {
	t.Parallel()
	path, ends := storeFile(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	part := func(i int) []byte { return whole[ends[i]:ends[i+1]] }
	for name, data := range map[string][]byte{
		"swapped": bytes.Join([][]byte{whole[:ends[0]], part(1), part(0), part(2)}, nil),
		"missing": bytes.Join([][]byte{whole[:ends[0]], part(0), part(2)}, nil),
		"twice":   bytes.Join([][]byte{whole, part(2)}, nil),
	} {
		require.NoError(t, os.WriteFile(path, data, 0o600))
		_, err := stored(t, path)
		assert.ErrorIs(t, err, authenticator.ErrStoreDamaged, name)
	}
}

func TestFileStoreLocksOutOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	first, err := authenticator.OpenFileStore(path)
	require.NoError(t, err)
	_, err = authenticator.OpenFileStore(path)
	require.ErrorIs(t, err, authenticator.ErrStoreLocked)
	assert.ErrorContains(t, err, path+": the store is in use by another process: stop that process, or name another file")
	require.NoError(t, first.Close())
	assert.ErrorIs(t, first.Close(), authenticator.ErrStoreClosed)
	assert.ErrorIs(t, first.Commit(t.Context(), authenticator.Change{}), authenticator.ErrStoreClosed)
	_, err = first.Find(t.Context(), authenticator.Query{})
	assert.ErrorIs(t, err, authenticator.ErrStoreClosed)
	_, _, err = first.Load(t.Context())
	assert.ErrorIs(t, err, authenticator.ErrStoreClosed)
	second, err := authenticator.OpenFileStore(path)
	require.NoError(t, err)
	require.NoError(t, second.Close())
}

func TestFileStoreNeedsAPlace(t *testing.T) {
	t.Parallel()
	_, err := authenticator.OpenFileStore(filepath.Join(t.TempDir(), "no", "such", "folder"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = authenticator.OpenFileStore(t.TempDir())
	assert.ErrorContains(t, err, "opening the store")
}

// Keys are the owner's, and the file says what they are.
func TestFileStoreIsPrivateAndSaysSo(t *testing.T) {
	t.Parallel()
	path, _ := storeFile(t, 1)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, header, string(data[:len(header)]))
}

// An empty file, such as os.CreateTemp makes, becomes a store.
func TestEmptyFileBecomesAStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	got, err := stored(t, path)
	require.NoError(t, err)
	assert.Zero(t, got)
	assert.Positive(t, sizeOf(t, path))
}

// History does not pile up, neither in one process nor over many.
func TestFileStoreForgetsHistory(t *testing.T) {
	t.Parallel()
	disk := authenticator.NewPowerDisk(0)
	largest := 0
	for range 20 {
		s, err := disk.OpenStore() // rewritten from 1 KiB on
		require.NoError(t, err)
		for i := range 50 {
			require.NoError(t, s.Commit(t.Context(), authenticator.Change{State: &authenticator.State{SignCount: uint32(i)}}))
			largest = max(largest, disk.Size("dir/store"))
		}
	}
	assert.Less(t, largest, 2<<10)
}

// A change too large for the file is refused, and nothing is lost.
func TestHugeChangeIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	s, err := authenticator.OpenFileStore(path)
	require.NoError(t, err)
	huge := &authenticator.Credential{ID: []byte{1}, RPID: "example.com", PrivateKey: make([]byte, 17<<20)}
	err = s.Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{huge}})
	require.ErrorIs(t, err, authenticator.ErrChange)
	assert.ErrorContains(t, err, "at most 16777216")
	require.NoError(t, s.Commit(t.Context(), authenticator.Change{State: new(authenticator.State)}))
	require.NoError(t, s.Close())
	_, err = stored(t, path)
	assert.NoError(t, err)
}

// Once a write has failed the store says so until it is opened again.
func TestBrokenStoreStaysBroken(t *testing.T) {
	t.Parallel()
	disk := authenticator.NewPowerDisk(2)
	s, err := disk.OpenStore()
	require.NoError(t, err)
	change := authenticator.Change{State: &authenticator.State{SignCount: 7}}
	disk.CutAt(0)
	require.ErrorIs(t, s.Commit(t.Context(), change), authenticator.ErrStoreBroken)
	assert.True(t, disk.Restore())
	require.ErrorIs(t, s.Commit(t.Context(), change), authenticator.ErrStoreBroken)
	state, _, err := s.Load(t.Context())
	require.NoError(t, err)
	assert.Zero(t, state, "it shows what it showed before")
	again, err := disk.OpenStore()
	require.NoError(t, err)
	require.NoError(t, again.Commit(t.Context(), change))
}

// Whatever a file holds, opening it ends, with a store that works or with an
// error that leaves the file alone.
func FuzzFileStore(f *testing.F) {
	path, ends := storeFile(f, 2)
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(whole)
	f.Add(whole[:ends[1]+9])
	f.Add(whole[:ends[0]])
	f.Add(append(bytes.Clone(whole), 0, 0, 0))
	f.Add([]byte(header))
	f.Add([]byte{})
	f.Add(append([]byte(header), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		disk := authenticator.NewPowerDisk(2)
		disk.Put("dir/store", data)
		s, err := disk.OpenStore()
		if err != nil {
			require.ErrorIs(t, err, authenticator.ErrStoreDamaged)
			require.Equal(t, len(data), disk.Size("dir/store"))
			return
		}
		require.NoError(t, s.Commit(t.Context(), authenticator.Change{State: &authenticator.State{SignCount: 7}}))
		before, err := s.Find(t.Context(), authenticator.Query{})
		require.NoError(t, err)
		again, err := disk.OpenStore()
		require.NoError(t, err)
		after, err := again.Find(t.Context(), authenticator.Query{})
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
}
