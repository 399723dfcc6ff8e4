package client

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// pythonArray was made with python-fido2 2.2.1: _lb_pack with the key 00 01 …
// 1f and os.urandom returning 50 51 …, after an entry that is nobody's.
const pythonArray = "82a301547878787878787878787878787878787878787878024c0000000000000000000000000304" +
	"a3015824d9737e3ac97a70aa97fa73498434d29d27ecf8eb348b3f1d9011c1d68f100fe35df044f5024c505152535455565758595a5b03182b" +
	"0953cfb2caead6809d9dfb82f24dfe1b"

func blobKey(first byte) []byte {
	key := make([]byte, largeBlobKeySize)
	for i := range key {
		key[i] = first + byte(i)
	}
	return key
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

func TestArrayOfAnotherClient(t *testing.T) {
	t.Parallel()
	serialized := unhex(t, pythonArray)
	all := parseLargeBlobArray(serialized)
	require.Len(t, all, 2)
	blob, err := all.find(blobKey(0))
	require.NoError(t, err)
	assert.Equal(t, "a certificate, a certificate, a certificate", string(blob))
	_, err = all.find(blobKey(1))
	assert.ErrorIs(t, err, errNoBlob)
	again, err := all.serialize()
	require.NoError(t, err)
	assert.Equal(t, serialized, again)
}

// TestReplace leaves what is not ours alone, sensible or not.
func TestReplace(t *testing.T) {
	t.Parallel()
	garbage := canon.Raw{0xa1, 0x01, 0x02}
	all := largeBlobArray{garbage}
	for _, step := range []struct {
		key  byte
		blob string
	}{{1, "of alice"}, {2, "of bob"}, {1, "of alice, changed"}, {3, ""}} {
		var err error
		all, err = all.replace(rand.Reader, blobKey(step.key), []byte(step.blob))
		require.NoError(t, err)
		serialized, err := all.serialize()
		require.NoError(t, err)
		all = parseLargeBlobArray(serialized)
	}
	assert.Len(t, all, 4)
	assert.Equal(t, garbage, all[0])
	for key, want := range map[byte]string{1: "of alice, changed", 2: "of bob", 3: ""} {
		blob, err := all.find(blobKey(key))
		require.NoError(t, err)
		assert.Equal(t, want, string(blob))
	}
}

// TestDamagedArrays count as empty, as the one that authenticators start with is.
func TestDamagedArrays(t *testing.T) {
	t.Parallel()
	initial := unhex(t, "8076be8b528d0075f7aae98d6fa57a6d3c")
	assert.Empty(t, parseLargeBlobArray(initial))
	empty, err := largeBlobArray(nil).serialize()
	require.NoError(t, err)
	assert.Equal(t, initial, empty)
	whole := unhex(t, pythonArray)
	for n := range whole {
		assert.Empty(t, parseLargeBlobArray(whole[:n]), "cut to %d bytes", n)
	}
	noArray := canon.Raw{0xa0}
	assert.Empty(t, parseLargeBlobArray(append(bytes.Clone(noArray), checksum(noArray)...)))
}

func TestInflate(t *testing.T) {
	t.Parallel()
	compressed, err := deflate([]byte("a certificate"))
	require.NoError(t, err)
	got, err := inflate(compressed, 13)
	require.NoError(t, err)
	assert.Equal(t, "a certificate", string(got))
	for _, size := range []uint64{0, 12, 14, 1 << 20, 1 << 40} {
		_, err := inflate(compressed, size)
		assert.Error(t, err, size)
	}
	_, err = inflate([]byte("not compressed"), 13)
	assert.Error(t, err)
}

// TestOpenRefuses entries that the key does not belong to in every detail.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	raw, err := sealLargeBlob(rand.Reader, blobKey(1), []byte("a blob"))
	require.NoError(t, err)
	for name, change := range map[string]func(*largeBlobEntry){
		"ciphertext": func(e *largeBlobEntry) { e.Ciphertext[0] ^= 1 },
		"nonce":      func(e *largeBlobEntry) { e.Nonce[0] ^= 1 },
		"no nonce":   func(e *largeBlobEntry) { e.Nonce = nil },
		"size":       func(e *largeBlobEntry) { e.OrigSize++ },
	} {
		e, _, err := openLargeBlob(blobKey(1), raw)
		require.NoError(t, err)
		change(&e)
		changed, err := canon.Marshal(&e)
		require.NoError(t, err)
		_, _, err = openLargeBlob(blobKey(1), changed)
		assert.Error(t, err, name)
	}
}

// FuzzLargeBlobArray: whatever an authenticator stores, looking for a blob ends,
// and a blob that is put there is found.
func FuzzLargeBlobArray(f *testing.F) {
	f.Add(unhex(f, pythonArray), true)
	f.Add(unhex(f, pythonArray)[:100], true)
	f.Add([]byte{0x81, 0x81, 0x80}, false)
	f.Fuzz(func(t *testing.T, stored []byte, whole bool) {
		if !whole { // so that more than the checksum is tried
			stored = append(bytes.Clone(stored), checksum(stored)...)
		}
		all := parseLargeBlobArray(stored)
		_, _ = all.find(blobKey(0))
		all, err := all.replace(rand.Reader, blobKey(0), []byte("mine"))
		require.NoError(t, err)
		blob, err := all.find(blobKey(0))
		require.NoError(t, err)
		assert.Equal(t, "mine", string(blob))
	})
}

// FuzzInflate: what inflates is of the size that was said.
func FuzzInflate(f *testing.F) {
	compressed, err := deflate([]byte("a certificate"))
	require.NoError(f, err)
	f.Add(compressed, uint64(13))
	f.Add([]byte(nil), uint64(0))
	f.Fuzz(func(t *testing.T, compressed []byte, size uint64) {
		if out, err := inflate(compressed, size); err == nil {
			assert.Len(t, out, int(size))
		}
	})
}
