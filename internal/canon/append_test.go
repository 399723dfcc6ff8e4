package canon_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
)

func TestAppendAgreesWithMarshal(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 23, 24, 255, 256, 65535, 65536} {
		text := strings.Repeat("a", n)
		want, err := canon.Marshal(text)
		require.NoError(t, err)
		assert.Equal(t, want, canon.AppendText(nil, text))
		want, err = canon.Marshal([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, want, canon.AppendBytes(nil, []byte(text)))
	}
	for value, appended := range map[any][]byte{
		int64(math.MinInt64): canon.AppendInt(nil, math.MinInt64), -1: canon.AppendInt(nil, -1), 0: canon.AppendInt(nil, 0),
		int64(math.MaxInt64): canon.AppendInt(nil, math.MaxInt64), uint64(math.MaxUint64): canon.AppendUint(nil, math.MaxUint64),
		true: canon.AppendBool(nil, true), false: canon.AppendBool(nil, false), nil: canon.AppendNull(nil),
	} {
		want, err := canon.Marshal(value)
		require.NoError(t, err)
		assert.Equal(t, want, appended, "%v", value)
	}
	want, err := canon.Marshal(map[string][]byte{"b": {}, "c": nil})
	require.NoError(t, err)
	got := canon.AppendBytes(canon.AppendText(canon.AppendMap(nil, 2), "b"), []byte{})
	assert.Equal(t, want, canon.AppendBytes(canon.AppendText(got, "c"), nil))
	want, err = canon.Marshal([]uint64{1, 2})
	require.NoError(t, err)
	assert.Equal(t, want, canon.AppendUint(canon.AppendUint(canon.AppendArray(nil, 2), 1), 2))
}

func TestMapCountsItsPairs(t *testing.T) {
	t.Parallel()
	pairs := make(map[int64]map[string]int64)
	got, outer := canon.OpenMap(nil)
	for key := range int64(255) {
		var inner canon.Map
		got, inner = canon.OpenMap(outer.IntKey(got, key))
		got = canon.AppendInt(inner.TextKey(got, "a"), -key)
		pairs[key] = map[string]int64{"a": -key}
		want, err := canon.Marshal(pairs)
		require.NoError(t, err)
		require.Equal(t, want, got, "%d pairs", key+1)
	}
	assert.Panics(t, func() { outer.IntKey(got, 255) })
}
