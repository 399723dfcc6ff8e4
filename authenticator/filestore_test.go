package authenticator_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
)

// storePath is where a PowerDisk has its store.
const storePath = "dir/store"

// storeFile returns a store file with n credentials, one record each, and where
// each record ends.
func storeFile(t testing.TB, n int) (data []byte, ends []int) {
	t.Helper()
	disk := authenticator.NewPowerDisk(0)
	s, err := disk.OpenStore()
	require.NoError(t, err)
	ends = append(ends, len(disk.Get(storePath)))
	for i := range n {
		c := &authenticator.Credential{ID: fmt.Appendf(nil, "credential %d", i), RPID: "example.com", PrivateKey: make([]byte, 32), Sequence: uint64(i)}
		require.NoError(t, s.Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{c}}))
		ends = append(ends, len(disk.Get(storePath)))
	}
	return disk.Get(storePath), ends
}

// diskWith returns a disk with a store file on it.
func diskWith(data []byte) *authenticator.PowerDisk {
	disk := authenticator.NewPowerDisk(2)
	disk.Put(storePath, data)
	return disk
}

// stored opens the store and counts what is in it.
func stored(t testing.TB, disk *authenticator.PowerDisk) (int, error) {
	t.Helper()
	s, err := disk.OpenStore()
	if err != nil {
		return 0, err
	}
	all, err := s.Find(t.Context(), authenticator.Query{})
	require.NoError(t, err)
	return len(all), nil
}

// A file cut anywhere, and with zeros where it had grown already, opens with
// every record that is whole.
func TestTornTailIsDropped(t *testing.T) {
	t.Parallel()
	whole, ends := storeFile(t, 3)
	for size := ends[0]; size <= ends[3]; size++ {
		want := 0
		for _, end := range ends[1:] {
			if size >= end {
				want++
			}
		}
		for _, zeros := range []int{0, 1, 5000} {
			disk := diskWith(slices.Concat(whole[:size], make([]byte, zeros)))
			for _, times := range []string{"once", "again"} {
				got, err := stored(t, disk)
				require.NoError(t, err, "cut at %d, then %d zeros, opened %s", size, zeros, times)
				require.Equal(t, want, got, "cut at %d, then %d zeros, opened %s", size, zeros, times)
			}
		}
	}
}

// A file changed anywhere else is refused, and left as it is.
func TestDamageIsRefused(t *testing.T) {
	t.Parallel()
	whole, ends := storeFile(t, 3)
	for at := range whole {
		bent := bytes.Clone(whole)
		bent[at] ^= 0x10
		disk := diskWith(bent)
		_, err := stored(t, disk)
		var damage *authenticator.DamageError
		require.ErrorAs(t, err, &damage, "byte %d", at)
		require.ErrorIs(t, err, authenticator.ErrStoreDamaged)
		require.Equal(t, recordOf(at, ends), int(damage.Offset), "byte %d", at)
		require.Equal(t, bent, disk.Get(storePath), "byte %d: untouched", at)
	}
}

// header is the first line of a store file of version 1, for ever.
const header = "passkeylab store, version 1. TEST KEYS in the clear: never use them for a real account.\n"

// recordOf returns where the record begins that the byte at belongs to.
func recordOf(at int, ends []int) int {
	if at < len(header) {
		return 0
	}
	begin := len(header)
	for _, end := range ends {
		if at >= end {
			begin = end
		}
	}
	return begin
}

func TestDamageErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	whole, ends := storeFile(t, 2)
	bent := bytes.Clone(whole)
	bent[ends[0]+20] ^= 1
	_, err := stored(t, diskWith(bent))
	assert.EqualError(t, err, fmt.Sprintf("opening the store: %s: damaged at byte %d: a record fails its checksum; "+
		"the file was left as it is: restore it from a copy, or give up this and every later change by cutting it to %d bytes", storePath, ends[0], ends[0]))
	got, err := stored(t, diskWith(bent[:ends[0]]))
	require.NoError(t, err, "the mend")
	assert.Zero(t, got)

	_, err = stored(t, diskWith([]byte("PDF-1.7")))
	assert.ErrorContains(t, err, "damaged at byte 0: it does not begin like a passkeylab store of version 1; the file was left as it is: name another file")
}

// Records that change places, or go missing in the middle, are damage too.
func TestRecordsAreChained(t *testing.T) {
	t.Parallel()
	whole, ends := storeFile(t, 3)
	part := func(i int) []byte { return whole[ends[i]:ends[i+1]] }
	for name, data := range map[string][]byte{
		"swapped": slices.Concat(whole[:ends[0]], part(1), part(0), part(2)),
		"missing": slices.Concat(whole[:ends[0]], part(0), part(2)),
		"twice":   slices.Concat(whole, part(2)),
	} {
		_, err := stored(t, diskWith(data))
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
	_, err = first.Load(t.Context())
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

// Keys are the owner's, the file says what they are, and an empty one, such as
// os.CreateTemp makes, becomes a store.
func TestFileStoreIsPrivateAndSaysSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s, err := authenticator.OpenFileStore(path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, header, string(data[:len(header)]))
}

// History does not pile up, neither in one process nor over many.
func TestFileStoreForgetsHistory(t *testing.T) {
	t.Parallel()
	disk := authenticator.NewPowerDisk(0)
	largest := 0
	for life := range 100 {
		s, err := disk.OpenStore() // rewritten from 1 KiB on
		require.NoError(t, err)
		for i := range 5 + life%2*100 { // short lives and long ones
			require.NoError(t, s.Commit(t.Context(), authenticator.Change{State: &authenticator.State{SignCount: uint32(i)}}))
			largest = max(largest, len(disk.Get(storePath)))
		}
	}
	assert.Less(t, largest, 2<<10)
}

// A change too large for the file is refused, and nothing is lost.
func TestHugeChangeIsRefused(t *testing.T) {
	t.Parallel()
	disk := authenticator.NewPowerDisk(0)
	s, err := disk.OpenStore()
	require.NoError(t, err)
	huge := &authenticator.Credential{ID: []byte{1}, RPID: "example.com", PrivateKey: make([]byte, 17<<20)}
	err = s.Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{huge}})
	require.ErrorIs(t, err, authenticator.ErrChange)
	assert.ErrorContains(t, err, "at most 16777216")
	require.NoError(t, s.Commit(t.Context(), authenticator.Change{State: new(authenticator.State)}))
	_, err = stored(t, disk)
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
	held, err := s.Load(t.Context())
	require.NoError(t, err)
	assert.Zero(t, held, "it shows what it showed before")
	again, err := disk.OpenStore()
	require.NoError(t, err)
	require.NoError(t, again.Commit(t.Context(), change))
}

// Whatever a file holds, opening it ends, with a store that works or with an
// error that leaves the file alone.
func FuzzFileStore(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		disk := diskWith(data)
		s, err := disk.OpenStore()
		if err != nil {
			require.ErrorIs(t, err, authenticator.ErrStoreDamaged)
			require.Equal(t, data, disk.Get(storePath))
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
