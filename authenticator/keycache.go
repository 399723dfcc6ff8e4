package authenticator

import "github.com/passkeylab/passkeylab/webauthn"

// keyCache remembers parsed keys, because parsing costs half a signature, and
// for RSA a hundred. It is keyed by the secret itself, so it can be out of date
// with no store. It keeps the keys used last: a full young generation becomes
// the old one.
type keyCache struct {
	young, old map[cacheKey]*key
	weight     int // of young
}

type cacheKey struct {
	algorithm webauthn.Algorithm
	secret    string
}

// maxYoung bounds the cache to keys that weigh twice as much. Parsed keys come in
// a dozen pieces, which every garbage collection has to visit: a device that makes
// keys all the time should not be slowed down by those it no longer uses.
const maxYoung = 64

// Weights of keys, in units of 2 KB. A parsed ML-DSA key holds matrices of 98 KB.
const (
	plainWeight = 1
	mldsaWeight = 49
)

func (k *key) weight() int {
	if _, is := k.private.(mldsaKey); is {
		return mldsaWeight
	}
	return plainWeight
}

func (c *keyCache) get(id webauthn.Algorithm, secret Secret) (*key, error) {
	if k, ok := c.young[cacheKey{id, string(secret)}]; ok {
		return k, nil
	}
	k, ok := c.old[cacheKey{id, string(secret)}]
	if !ok {
		var err error
		if k, err = parseKey(id, secret); err != nil {
			return nil, err
		}
	}
	c.put(secret, k)
	return k, nil
}

func (c *keyCache) put(secret Secret, k *key) {
	if c.weight+k.weight() > maxYoung || c.young == nil {
		c.young, c.old, c.weight = make(map[cacheKey]*key), c.young, 0
	}
	c.young[cacheKey{k.algorithm, string(secret)}] = k
	c.weight += k.weight()
}

// forget drops every key, as a reset must.
func (c *keyCache) forget() { *c = keyCache{} }
