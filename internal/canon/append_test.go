package canon_test

import (
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
	want, err := canon.Marshal(map[string][]byte{"b": {}})
	require.NoError(t, err)
	assert.Equal(t, want, canon.AppendBytes(canon.AppendText(canon.AppendMap(nil, 1), "b"), nil))
}
