package authenticator

import (
	"crypto/ed25519"

	"github.com/cloudflare/circl/sign/ed448"
)

// EdDSA, which never needs randomness to sign (RFC 8032). A private key is what
// the RFC calls that, and libraries call the seed.
var (
	eddsa25519 = scheme{parse: parseEd25519, adopt: adoptEd25519}
	eddsa448   = scheme{parse: parseEd448, expand: expandTo("Ed448", ed448.SeedSize, func(Secret) bool { return true })}
)

func parseEd25519(secret Secret) (privateKey, error) {
	if err := secret.hasBytes(ed25519.SeedSize); err != nil {
		return nil, err
	}
	return ed25519Key{ed25519.NewKeyFromSeed(secret)}, nil
}

func adoptEd25519(private any) (Secret, bool) {
	k, ok := private.(ed25519.PrivateKey)
	if !ok {
		return nil, false
	}
	return k.Seed(), true
}

type ed25519Key struct{ ed25519.PrivateKey }

func (k ed25519Key) sign(message []byte) ([]byte, error) {
	return ed25519.Sign(k.PrivateKey, message), nil
}

func (k ed25519Key) plain() any { return k.PrivateKey }

func parseEd448(secret Secret) (privateKey, error) {
	if err := secret.hasBytes(ed448.SeedSize); err != nil {
		return nil, err
	}
	return ed448Key{ed448.NewKeyFromSeed(secret)}, nil
}

type ed448Key struct{ ed448.PrivateKey }

func (k ed448Key) sign(message []byte) ([]byte, error) {
	return ed448.Sign(k.PrivateKey, message, ""), nil
}

func (k ed448Key) plain() any { return k.PrivateKey }
