package primes_test

import (
	"bytes"
	"io"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/primes"
	"github.com/passkeylab/passkeylab/internal/seed"
)

func TestDraw(t *testing.T) {
	t.Parallel()
	draw := func() []byte {
		out := make([]byte, 64)
		require.NoError(t, primes.Draw(seed.Stream(1, "primes"), out))
		return out
	}
	p := new(big.Int).SetBytes(draw())
	assert.True(t, p.ProbablyPrime(20))
	assert.EqualValues(t, 3, new(big.Int).Rsh(p, 510).Int64(), "both upper bits are set")
	assert.NotEqual(t, big.NewInt(1), new(big.Int).Mod(p, big.NewInt(primes.Exponent)))
	assert.Equal(t, draw(), draw(), "the same stream gives the same prime")
}

func TestDrawEnds(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, primes.Draw(bytes.NewReader(nil), make([]byte, 64)), io.EOF)
	require.ErrorContains(t, primes.Draw(zeros{}, make([]byte, 2)), "none among", "a stream that repeats itself has no prime")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
