package authenticator

import (
	"crypto"
	"crypto/sha256"
	"errors"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// ECDSA on secp256k1 with SHA-256 (RFC 8812 §3.2). A private key is its scalar,
// big-endian.
var ecdsaSecp256k1 = scheme{parse: parseSecp256k1}

func parseSecp256k1(secret Secret) (privateKey, error) {
	if err := secret.hasBytes(secp256k1.PrivKeyBytesLen); err != nil {
		return nil, err
	}
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(secret); overflow || scalar.IsZero() {
		return nil, errors.New("the scalar is not within 1 to the order of the curve less one")
	}
	return secp256k1Key{secp256k1.NewPrivateKey(&scalar)}, nil
}

type secp256k1Key struct{ private *secp256k1.PrivateKey }

func (k secp256k1Key) Public() crypto.PublicKey { return k.private.PubKey() }

// sign takes its nonce from RFC 6979. The signature is in DER, with the lower of
// the two values that S may have.
func (k secp256k1Key) sign(message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	return ecdsa.Sign(k.private, sum[:]).Serialize(), nil
}

func (k secp256k1Key) plain() any { return k.private }
