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
	for alg, bound := range map[webauthn.Algorithm]int{webauthn.EdDSA: maxYoung, webauthn.MLDSA44: maxYoung / mldsaWeight} {
		t.Run(alg.String(), func(t *testing.T) {
			t.Parallel()
			var cache keyCache
			random := seed.Stream(1, "cache")
			first, firstSecret, err := drawKey(random, alg)
			require.NoError(t, err)
			cache.put(firstSecret, first)
			most := 0
			for range 4 * bound {
				k, secret, err := drawKey(random, alg)
				require.NoError(t, err)
				cache.put(secret, k)
				got, err := cache.get(alg, firstSecret)
				require.NoError(t, err)
				require.Same(t, first, got, "a key in use stays parsed")
				most = max(most, len(cache.young)+len(cache.old))
			}
			assert.Equal(t, 2*bound, most)
			cache.forget()
			assert.Empty(t, len(cache.young)+len(cache.old))
			_, err = cache.get(alg, firstSecret[1:])
			assert.Error(t, err)
		})
	}
}

// The same secret under two algorithms is two keys.
func TestKeyCacheTellsAlgorithmsApart(t *testing.T) {
	t.Parallel()
	var cache keyCache
	secret := Secret{31: 1}
	for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.ESP256, webauthn.EdDSA} {
		k, err := cache.get(alg, secret)
		require.NoError(t, err)
		assert.Equal(t, alg, k.algorithm)
	}
}
