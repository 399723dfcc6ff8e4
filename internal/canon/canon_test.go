package canon_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

func TestCheck(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, hex, rule string // rule is empty where the bytes are canonical
		offset          int
	}{
		{name: "zero", hex: "00"},
		{name: "largest one-byte integer", hex: "17"},
		{name: "negative one", hex: "20"},
		{name: "24 in two bytes", hex: "18 18"},
		{name: "256 in three bytes", hex: "19 0100"},
		{name: "65536 in five bytes", hex: "1a 00010000"},
		{name: "2^32 in nine bytes", hex: "1b 0000000100000000"},
		{name: "true", hex: "f5"},
		{name: "a double keeps its width", hex: "fb 3ff0000000000000"},
		{name: "keys sorted by type, length, bytes", hex: "a5 01 00 1818 00 20 00 6161 00 626161 00"},
		{name: "four levels", hex: "81 81 81 80"},
		{name: "four levels of maps", hex: "a1 01 a1 01 a1 01 a0"},

		{name: "empty input", hex: "", rule: "does not end within"},
		{name: "trailing byte", hex: "00 00", rule: "nothing follows", offset: 1},
		{name: "23 in two bytes", hex: "18 17", rule: "shortest"},
		{name: "255 in three bytes", hex: "19 00ff", rule: "shortest"},
		{name: "65535 in five bytes", hex: "1a 0000ffff", rule: "shortest"},
		{name: "2^32-1 in nine bytes", hex: "1b 00000000ffffffff", rule: "shortest"},
		{name: "string length not shortest", hex: "58 01 00", rule: "shortest"},
		{name: "array length not shortest", hex: "98 01 00", rule: "shortest"},
		{name: "indefinite array", hex: "9f ff", rule: "definite"},
		{name: "indefinite string", hex: "5f ff", rule: "definite"},
		{name: "reserved additional information", hex: "1c", rule: "definite"},
		{name: "tag", hex: "c0 00", rule: "tags"},
		{name: "tag as map value", hex: "a1 01 c0 00", rule: "tags", offset: 2},
		{name: "duplicate key", hex: "a2 01 00 01 00", rule: "appears once", offset: 3},
		{name: "integer keys out of order", hex: "a2 02 00 01 00", rule: "sorted", offset: 3},
		{name: "text before integer", hex: "a2 6161 00 01 00", rule: "sorted", offset: 4},
		{name: "long text before short", hex: "a2 626161 00 6161 00", rule: "sorted", offset: 5},
		{name: "negative before unsigned", hex: "a2 20 00 01 00", rule: "sorted", offset: 3},
		{name: "five levels", hex: "81 81 81 81 80", rule: "four levels", offset: 4},
		{name: "string past the end", hex: "42 00", rule: "a string ends"},
		{name: "huge string", hex: "5b ffffffffffffffff", rule: "a string ends"},
		{name: "array past the end", hex: "82 00", rule: "an array or map ends"},
		{name: "huge array", hex: "9b 7fffffffffffffff", rule: "an array or map ends"},
		{name: "huge map", hex: "ba ffffffff", rule: "an array or map ends"},
		{name: "map without its last value", hex: "a1 01", rule: "does not end within", offset: 2},
		{name: "argument cut off", hex: "19 01", rule: "does not end within"},
		{name: "simple value in long form", hex: "f8 14", rule: "simple values"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := canon.Check(unhex(t, c.hex))
			if c.rule == "" {
				require.NoError(t, err)
				return
			}
			var form *canon.FormError
			require.ErrorAs(t, err, &form)
			assert.Contains(t, form.Rule, c.rule)
			assert.Equal(t, c.offset, form.Offset)
		})
	}
}

func TestUnmarshalTellsFormFromType(t *testing.T) {
	t.Parallel()
	var message struct {
		ID   []byte `cbor:"1,keyasint"`
		Name string `cbor:"2,keyasint"`
	}
	var form *canon.FormError
	var wrongType *canon.TypeError

	require.NoError(t, canon.Unmarshal(unhex(t, "a3 01 4101 02 6161 18ff f5"), &message), "unknown keys are ignored")
	assert.Equal(t, []byte{1}, message.ID)
	assert.ErrorAs(t, canon.Unmarshal(unhex(t, "a1 01 6161"), &message), &wrongType)
	assert.ErrorAs(t, canon.Unmarshal(unhex(t, "80"), &message), &wrongType)
	assert.ErrorAs(t, canon.Unmarshal(unhex(t, "a1 02 61ff"), &message), &form, "invalid UTF-8 is a matter of form")
	assert.ErrorAs(t, canon.Unmarshal(unhex(t, "a2 02 6161 01 4101"), &message), &form)
}

func TestUnmarshalFirstReturnsTheRest(t *testing.T) {
	t.Parallel()
	var n int
	rest, err := canon.UnmarshalFirst(unhex(t, "1818 a0 ff"), &n)
	require.NoError(t, err)
	assert.Equal(t, 24, n)
	assert.Equal(t, unhex(t, "a0 ff"), rest)
}

func TestMarshalIsCanonical(t *testing.T) {
	t.Parallel()
	data, err := canon.Marshal(map[any]any{"bb": 1, "a": 2, 10: 3, -1: 4, 300: 5})
	require.NoError(t, err)
	assert.Equal(t, unhex(t, "a5 0a 03 19012c 05 20 04 6161 02 626262 01"), data)
	assert.NoError(t, canon.Check(data))
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `{1: h'ff'}`, canon.Diagnose(unhex(t, "a1 01 41ff")))
	assert.Contains(t, canon.Diagnose(unhex(t, "a1")), "not CBOR")
}

// What Check accepts, the decoder accepts and re-encodes to the same bytes.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"00", "a201000201", "8181818180", "5bffffffffffffffff", "a2616101626161f5", "fb3ff0000000000000"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if canon.Check(data) != nil {
			return
		}
		var v canon.Raw
		require.NoError(t, canon.Unmarshal(data, &v))
		n, err := canon.Len(append(data, 0))
		require.NoError(t, err)
		assert.Len(t, data, n)
	})
}
