package authenticator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
)

// ECDSA on the curves of NIST. A private key is its scalar, big-endian.
var (
	ecdsaP256 = ecdsaScheme(elliptic.P256(), newP256Key)
	ecdsaP384 = ecdsaScheme(elliptic.P384(), ecdsaKeys(crypto.SHA384))
	ecdsaP521 = ecdsaScheme(elliptic.P521(), ecdsaKeys(crypto.SHA512))
)

// ecdsaScheme has keys that signer makes of a parsed key and its scalar.
func ecdsaScheme(curve elliptic.Curve, signer func(*ecdsa.PrivateKey, Secret) privateKey) scheme {
	size := (curve.Params().BitSize + 7) / 8
	s := scheme{
		parse: func(secret Secret) (privateKey, error) {
			if err := secret.hasBytes(size); err != nil {
				return nil, err
			}
			k, err := ecdsa.ParseRawPrivateKey(curve, secret)
			if err != nil {
				return nil, err
			}
			return signer(k, secret), nil
		},
		adopt: func(private any) (Secret, bool) {
			k, ok := private.(*ecdsa.PrivateKey)
			if !ok || k.Curve != curve {
				return nil, false
			}
			raw, err := k.Bytes()
			return raw, err == nil
		},
	}
	if size != seedSize {
		s.expand = expandTo(curve.Params().Name, size, func(secret Secret) bool {
			secret[0] &= 0xff >> (8*size - curve.Params().BitSize)
			scalar := new(big.Int).SetBytes(secret)
			return scalar.Sign() > 0 && scalar.Cmp(curve.Params().N) < 0
		})
	}
	return s
}

type ecdsaKey struct {
	*ecdsa.PrivateKey
	hash crypto.Hash
}

func ecdsaKeys(hash crypto.Hash) func(*ecdsa.PrivateKey, Secret) privateKey {
	return func(k *ecdsa.PrivateKey, _ Secret) privateKey { return ecdsaKey{k, hash} }
}

// sign takes its nonce from RFC 6979, as crypto/ecdsa does without a source of
// randomness. The signature is in DER.
func (k ecdsaKey) sign(message []byte) ([]byte, error) {
	return k.Sign(nil, digest(k.hash, message), k.hash)
}

func (k ecdsaKey) plain() any { return k.PrivateKey }

func digest(hash crypto.Hash, message []byte) []byte {
	switch hash {
	case crypto.SHA384:
		sum := sha512.Sum384(message)
		return sum[:]
	case crypto.SHA512:
		sum := sha512.Sum512(message)
		return sum[:]
	}
	sum := sha256.Sum256(message)
	return sum[:]
}
