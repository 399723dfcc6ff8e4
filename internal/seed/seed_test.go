package seed_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
)

func draw(t *testing.T, s uint64, path ...string) []byte {
	t.Helper()
	b := make([]byte, 64)
	_, err := io.ReadFull(seed.Stream(s, path...), b)
	require.NoError(t, err)
	return b
}

func TestStreamsAreRepeatableAndApart(t *testing.T) {
	t.Parallel()
	first := draw(t, 1, "phone", "keys")
	assert.Equal(t, first, draw(t, 1, "phone", "keys"))
	for name, other := range map[string][]byte{
		"another seed":    draw(t, 2, "phone", "keys"),
		"another name":    draw(t, 1, "laptop", "keys"),
		"names regrouped": draw(t, 1, "phonek", "eys"),
		"a shorter path":  draw(t, 1, "phone"),
	} {
		assert.NotEqual(t, first, other, name)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	assert.Equal(t, seed.Named("a"), seed.Named("a"))
	assert.NotEqual(t, seed.Named("a"), seed.Named("b"))
}
