package authenticator

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestKeyCacheIsBounded(t *testing.T) {
	t.Parallel()
	var cache keyCache
	random := seed.Stream(1, "cache")
	first, firstSecret, err := drawKey(random, webauthn.EdDSA)
	require.NoError(t, err)
	cache.put(firstSecret, first)
	for range 4 * maxYoung {
		k, secret, err := drawKey(random, webauthn.EdDSA)
		require.NoError(t, err)
		cache.put(secret, k)
		got, err := cache.get(webauthn.EdDSA, firstSecret)
		require.NoError(t, err)
		require.Same(t, first, got, "a key in use stays parsed")
		require.LessOrEqual(t, len(cache.young)+len(cache.old), 2*maxYoung)
	}
	cache.forget()
	assert.Empty(t, len(cache.young)+len(cache.old))
	_, err = cache.get(webauthn.ES256, firstSecret[1:])
	assert.ErrorContains(t, err, "has 31 bytes, want 32")
}

// The same secret under two algorithms is two keys.
func TestKeyCacheTellsAlgorithmsApart(t *testing.T) {
	t.Parallel()
	var cache keyCache
	secret := Secret{31: 1}
	for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA} {
		k, err := cache.get(alg, secret)
		require.NoError(t, err)
		assert.Equal(t, alg, k.algorithm)
	}
}
