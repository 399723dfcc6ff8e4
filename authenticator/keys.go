package authenticator

import (
	"crypto"
	"errors"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/webauthn"
)

// scheme is one signature algorithm. The standard library's generators choose
// their own randomness, so every scheme here reads its keys from bytes that were
// drawn before.
type scheme struct {
	// parse reads a private key in the form that its algorithm gives it.
	parse func(Secret) (privateKey, error)
	// adopt is the other way round, for a key that came in PKCS #8. It is nil
	// where none can.
	adopt func(private any) (Secret, bool)
	// expand makes a key's own form of the seed that stands for it. It is nil
	// where a key is 32 bytes anyway.
	expand func(seed Secret) (Secret, error)
}

// privateKey is a parsed key of any family.
type privateKey interface {
	Public() crypto.PublicKey
	// sign signs a message that was not hashed. The same message always gives
	// the same signature, so that a run repeats byte for byte.
	sign(message []byte) ([]byte, error)
	// plain is the key as libraries know it.
	plain() any
}

// algorithms is the table of what is implemented. Two names for one scheme
// (RFC 9864) have the same keys and the same signatures.
var algorithms = map[webauthn.Algorithm]scheme{
	webauthn.ES256:   ecdsaP256,
	webauthn.ESP256:  ecdsaP256,
	webauthn.ES384:   ecdsaP384,
	webauthn.ESP384:  ecdsaP384,
	webauthn.ES512:   ecdsaP521,
	webauthn.ESP512:  ecdsaP521,
	webauthn.ES256K:  ecdsaSecp256k1,
	webauthn.EdDSA:   eddsa25519,
	webauthn.Ed25519: eddsa25519,
	webauthn.Ed448:   eddsa448,
	webauthn.RS256:   rsaPKCS1,
	webauthn.PS256:   rsaPSS,
	webauthn.MLDSA44: mldsa44,
	webauthn.MLDSA65: mldsa65,
	webauthn.MLDSA87: mldsa87,
}

// key is a private key and the algorithm that it was made for.
type key struct {
	algorithm webauthn.Algorithm
	private   privateKey
}

// parseKey reads a secret: a key in its own form, or a seed.
func parseKey(id webauthn.Algorithm, secret Secret) (*key, error) {
	s, ok := algorithms[id]
	if !ok {
		return nil, fmt.Errorf("credential key: %s is not implemented", id)
	}
	if s.expand != nil && len(secret) == seedSize {
		var err error
		if secret, err = s.expand(secret); err != nil {
			return nil, fmt.Errorf("credential key: %s: %w", id, err)
		}
	}
	private, err := s.parse(secret)
	if err != nil {
		return nil, fmt.Errorf("credential key: %s: %w", id, err)
	}
	return &key{id, private}, nil
}

// hasBytes is the check of those whose keys are all of one size.
func (s Secret) hasBytes(want int) error {
	if len(s) != want {
		return fmt.Errorf("has %d bytes, want %d", len(s), want)
	}
	return nil
}

// maxDraws bounds the search for bytes that make a key. One draw in 2^32 misses
// for P-256, none does for most others, so a source that misses this often is
// broken.
const maxDraws = 16

// drawKey makes a key from random bytes: 32 of them, whatever the algorithm, so
// that choosing another one changes nothing else of a run.
func drawKey(random io.Reader, id webauthn.Algorithm) (*key, Secret, error) {
	secret := make(Secret, seedSize)
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

func (k *key) sign(message []byte) ([]byte, error) { return k.private.sign(message) }

func (k *key) cose() ([]byte, error) { return webauthn.EncodeCOSEKey(k.algorithm, k.private.Public()) }
