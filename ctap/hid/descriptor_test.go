package hid_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// usualDescriptor is that of a key with reports of 64 bytes.
const usualDescriptor = "06d0f1 0901 a101 0920 1500 26ff00 7508 9540 8102 0921 1500 26ff00 7508 9540 9102 c0"

func TestDescriptor(t *testing.T) {
	t.Parallel()
	assert.Equal(t, strings.ReplaceAll(usualDescriptor, " ", ""), hex.EncodeToString(hid.Descriptor(64, 64)))
	for _, sizes := range [][2]int{{64, 64}, {8, 8}, {8, 64}, {255, 256}, {1024, 1024}} {
		in, out, err := hid.ReadDescriptor(hid.Descriptor(sizes[0], sizes[1]))
		require.NoError(t, err)
		assert.Equal(t, sizes, [2]int{in, out})
	}
}

func TestReadDescriptor(t *testing.T) {
	t.Parallel()
	const inside = "1500 26ff00 7508 9540 8102 9520 9102" // 64 bytes in, 32 out
	for _, c := range []struct{ name, descriptor, wrong string }{
		{"the page in the usage", "0b0100d0f1 a101" + inside + "c0", ""},
		{"beside a keyboard", "0501 0906 a101 7501 9508 8102 c0 06d0f1 0901 a101" + inside + "c0 0501 0906 a101 7501 9508 8102 c0", ""},
		{"collections inside", "06d0f1 0901 a101 a100" + inside + "c0 c0", ""},
		{"bits", "06d0f1 0901 a101 7501 960002 8102 960001 9102 c0", ""},
		{"a long item", "fe02aa0102 06d0f1 0901 a101" + inside + "c0", ""},
		{"nothing", "", "no usage"},
		{"a keyboard", "0501 0906 a101" + inside + "c0", "no usage"},
		{"another usage of the page", "06d0f1 0902 a101" + inside + "c0", "no usage"},
		{"a usage that was used up", "06d0f1 0901 8102 a101" + inside + "c0", "no usage"},
		{"reports outside", "06d0f1 0901 a101 c0" + inside, "reports of 0 bytes"},
		{"no report out", "06d0f1 0901 a101 7508 9540 8102 c0", "reports of 0 bytes"},
		{"reports too long", "06d0f1 0901 a101 77ffffffff 97ffffffff 8102 7508 9540 9102 c0", "reports of 1025 bytes"},
		{"broken off", "06d0", "breaks off"},
		{"a long item broken off", "fe05aa01", "breaks off"},
		{"too long", strings.Repeat("0501", 2049), "4098 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in, out, err := hid.ReadDescriptor(unhex(t, c.descriptor))
			if c.wrong != "" {
				require.ErrorContains(t, err, c.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, [2]int{64, 32}, [2]int{in, out})
		})
	}
	_, _, err := hid.ReadDescriptor(unhex(t, "0501 0906 a101 c0"))
	require.ErrorIs(t, err, hid.ErrNotFIDO)
}

func FuzzReadDescriptor(f *testing.F) {
	f.Add(unhex(f, usualDescriptor))
	f.Add(unhex(f, "fe02aa0102 0b0100d0f1 a101 a100 c0"))
	f.Fuzz(func(t *testing.T, descriptor []byte) {
		in, out, err := hid.ReadDescriptor(descriptor)
		if err != nil {
			return
		}
		in2, out2, err := hid.ReadDescriptor(hid.Descriptor(in, out))
		require.NoError(t, err)
		require.Equal(t, [2]int{in, out}, [2]int{in2, out2})
	})
}
