package cbor_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// Examples of RFC 8949 appendix A, and maps in the order of CTAP 2.3 §8.
func TestEncode(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"00": 0, "17": 23, "1818": 24, "1903e8": 1000, "1a000f4240": 1000000, "1bffffffffffffffff": ^uint64(0),
		"20": -1, "3903e7": -1000, "40": []byte{}, "4401020304": []byte{1, 2, 3, 4}, "6161": "a", "62c3bc": "ü",
		"f4": false, "f5": true, "f6": nil, "80": cbor.Array{}, "83010203": cbor.Array{1, 2, 3},
		"c11a514b67b0": cbor.Tag{Number: 1, Content: 1363896240},
		"a4070018180220036161f5": cbor.Map{
			{"a", true}, {-1, 3}, {24, 2}, {7, 0},
		},
		"a2626964" + "00" + "646e616d65" + "00": cbor.Map{{"name", 0}, {"id", 0}},
	} {
		assert.Equal(t, want, hex.EncodeToString(cbor.Encode(v)), "%v", v)
	}
	unordered := cbor.Map{{2, 0}, {1, 0}}
	assert.Equal(t, "a202000100", hex.EncodeToString(cbor.EncodeAsIs(unordered)))
}

func TestDecodeReadsWhatEncodeWrites(t *testing.T) {
	t.Parallel()
	v := cbor.Map{
		{int64(1), []byte("x")}, {int64(-7), "text"},
		{"list", cbor.Array{int64(1), nil, true, cbor.Map{}, ^uint64(0)}},
	}
	item, err := cbor.Decode(cbor.Encode(v))
	require.NoError(t, err)
	assert.Equal(t, v, item.Value)
	assert.Empty(t, item.Defects)
}

func TestDefects(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ hex, says string }{
		"long integer":        {"1817", "not the shortest form at byte 0"},
		"long length":         {"580161", "not the shortest form at byte 0"},
		"long text":           {hex.EncodeToString(cbor.LongText("a")), "not the shortest form"},
		"long bytes":          {hex.EncodeToString(cbor.LongBytes([]byte{1})), "not the shortest form"},
		"long number":         {"a1" + hex.EncodeToString(cbor.LongInt(3)) + "00", "not the shortest form at byte 1"},
		"longer number":       {hex.EncodeToString(cbor.LongInt(200)), "not the shortest form at byte 0"},
		"endless map":         {hex.EncodeToString(cbor.IndefiniteMap(cbor.Map{{1, 2}})), "not told beforehand"},
		"endless array":       {"9f01ff", "not told beforehand"},
		"endless bytes":       {"5f4101ff", "not told beforehand"},
		"order":               {"a202000100", "out of order at byte 3"},
		"length before bytes": {"a2646e616d650062696400", "out of order"},
		"twice":               {"a201000100", "there twice at byte 3"},
		"tag":                 {"c100", "tag 1 at byte 0"},
		"depth":               {"8181818100", ""},
		"too deep":            {"818181818100", "nested 5 deep"},
		"not UTF-8":           {"61ff", "not UTF-8"},
	} {
		item, err := cbor.Decode(unhex(t, c.hex))
		require.NoError(t, err, what)
		if c.says == "" {
			assert.Empty(t, item.Defects, what)
			continue
		}
		require.NotEmpty(t, item.Defects, what)
		assert.Contains(t, item.Defects[0].String(), c.says, what)
	}
}

func TestDecodeRefusesWhatIsNotWellFormed(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"nothing": "", "head alone": "18", "string cut short": "4201", "array cut short": "8201", "map cut short": "a101",
		"huge string": "5bffffffffffffffff", "huge array": "9bffffffffffffffff", "huge map": "bbffffffffffffffff",
		"reserved": "1c", "stray end": "ff", "endless cut short": "9f01", "chunk of another type": "5f6161ff",
		"trailing": "0000", "simple in two bytes": "f814", "below all numbers": "3bffffffffffffffff",
	} {
		_, err := cbor.Decode(unhex(t, text))
		assert.Error(t, err, what)
	}
	deep := make([]byte, 100)
	for i := range deep {
		deep[i] = 0x81
	}
	_, err := cbor.Decode(append(deep, 0))
	assert.ErrorContains(t, err, "deep")
	many := append([]byte{0x9a, 0, 1, 0, 0}, make([]byte, 1<<16)...)
	_, err = cbor.Decode(many)
	assert.ErrorContains(t, err, "items")
}

func TestMaps(t *testing.T) {
	t.Parallel()
	m := cbor.Map{{1, "a"}, {"x", 2}}
	v, ok := m.Get(int64(1))
	assert.True(t, ok)
	assert.Equal(t, "a", v)
	assert.False(t, m.Has(2))
	assert.Equal(t, cbor.Map{{1, "b"}, {"x", 2}}, m.With(1, "b"))
	assert.Equal(t, cbor.Map{{"x", 2}}, m.Without(1))
	assert.Len(t, m.With(9, nil), 3)
	assert.Len(t, m, 2)
}

func TestText(t *testing.T) {
	t.Parallel()
	v := cbor.Map{
		{int64(1), make([]byte, 100)}, {"a\n\u202e", cbor.Array{int64(1), cbor.Map{{"b", nil}}}}, {int64(3), cbor.Map{}},
	}
	text := cbor.Text(v, func(key any) string { return cbor.Kind(key) })
	assert.Contains(t, text, "integer: h'0000")
	assert.Contains(t, text, "(100 bytes)")
	assert.Contains(t, text, "text string:\n  - 1\n  -\n    \"b\": null\ninteger: {}")
}

// Whatever is read, reading ends, and what has no defect is what would be written.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a201020304", "bf0102ff", "5f4101ff", "c100", "f97e00", "8181818100", "a16269644100"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		item, err := cbor.Decode(data)
		if err != nil {
			return
		}
		_ = cbor.Text(item.Value, nil)
		if len(item.Defects) == 0 {
			require.Equal(t, data, cbor.Encode(item.Value))
		}
	})
}
