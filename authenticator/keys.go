package authenticator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/webauthn"
)

// algorithm is one signature scheme: how a key is made of random bytes, and
// what is signed. The standard library's generators choose their own
// randomness, so every scheme here parses bytes that were drawn.
type algorithm struct {
	secretSize int
	parse      func(Secret) (crypto.Signer, error)
	secretOf   func(private any) (Secret, bool)
	hash       crypto.Hash // 0 where the scheme takes the message itself
}

// algorithms is the table of what is implemented.
var algorithms = map[webauthn.Algorithm]algorithm{
	webauthn.ES256: {
		secretSize: 32,
		parse:      func(s Secret) (crypto.Signer, error) { return ecdsa.ParseRawPrivateKey(elliptic.P256(), s) },
		secretOf: func(private any) (Secret, bool) {
			k, ok := private.(*ecdsa.PrivateKey)
			if !ok || k.Curve != elliptic.P256() {
				return nil, false
			}
			raw, err := k.Bytes()
			return raw, err == nil
		},
		hash: crypto.SHA256,
	},
	webauthn.EdDSA: {
		secretSize: ed25519.SeedSize,
		parse:      func(s Secret) (crypto.Signer, error) { return ed25519.NewKeyFromSeed(s), nil },
		secretOf: func(private any) (Secret, bool) {
			k, ok := private.(ed25519.PrivateKey)
			if !ok {
				return nil, false
			}
			return k.Seed(), true
		},
	},
}

// key is a parsed private key.
type key struct {
	algorithm webauthn.Algorithm
	hash      crypto.Hash
	private   crypto.Signer
}

func parseKey(id webauthn.Algorithm, secret Secret) (*key, error) {
	scheme, ok := algorithms[id]
	if !ok {
		return nil, fmt.Errorf("credential key: %s is not implemented", id)
	}
	if len(secret) != scheme.secretSize {
		return nil, fmt.Errorf("credential key: %s has %d bytes, want %d", id, len(secret), scheme.secretSize)
	}
	private, err := scheme.parse(secret)
	if err != nil {
		return nil, fmt.Errorf("credential key: %w", err)
	}
	return &key{id, scheme.hash, private}, nil
}

// maxDraws bounds the search for a scalar in range. One draw in 2^32 misses for
// P-256, so a source that misses this often is broken.
const maxDraws = 16

// drawKey makes a key from random bytes.
func drawKey(random io.Reader, id webauthn.Algorithm) (*key, Secret, error) {
	secret := make(Secret, algorithms[id].secretSize)
	for range maxDraws {
		if _, err := io.ReadFull(random, secret); err != nil {
			return nil, nil, fmt.Errorf("drawing a key: %w", err)
		}
		if k, err := parseKey(id, secret); err == nil {
			return k, secret, nil
		}
	}
	return nil, nil, errors.New("drawing a key: the random source gives no usable bytes: give Env.Random a stream such as seed.Stream")
}

// sign is deterministic: ECDSA takes its nonce from RFC 6979, EdDSA always does
// so, and a run repeats byte for byte.
func (k *key) sign(message []byte) ([]byte, error) {
	if k.hash == crypto.SHA256 {
		digest := sha256.Sum256(message)
		message = digest[:]
	}
	return k.private.Sign(nil, message, k.hash)
}

// point is the public key of ES256 as an uncompressed point, 65 bytes.
func (k *key) point() ([]byte, error) {
	public, ok := k.private.Public().(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("credential key: %s has no point", k.algorithm)
	}
	return public.Bytes()
}

func (k *key) cose() ([]byte, error) { return webauthn.EncodeCOSEKey(k.algorithm, k.private.Public()) }

// keyCache remembers parsed keys, because parsing costs half a signature. It is
// keyed by the secret itself, so it can be out of date with no store. It keeps
// the keys used last: a full young generation becomes the old one.
type keyCache struct{ young, old map[cacheKey]*key }

type cacheKey struct {
	algorithm webauthn.Algorithm
	secret    string
}

// maxYoung bounds the cache to twice as many keys, about 2 KB each.
const maxYoung = 512

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
	if len(c.young) >= maxYoung || c.young == nil {
		c.young, c.old = make(map[cacheKey]*key), c.young
	}
	c.young[cacheKey{k.algorithm, string(secret)}] = k
}

// forget drops every key, as a reset must.
func (c *keyCache) forget() { *c = keyCache{} }
