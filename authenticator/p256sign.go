package authenticator

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"

	"filippo.io/bigmod"
)

// p256Key is a key of ES256. Its signatures are those of crypto/ecdsa without a
// source of randomness, byte for byte, made with less than half the allocations:
// nearly every ceremony is one of them. The point comes from crypto/ecdh, and
// what is secret is multiplied in constant time.
type p256Key struct {
	*ecdsa.PrivateKey
	scalar [p256Size]byte
}

// p256Size is the length of scalars and coordinates in bytes.
const p256Size = 32

var p256Order = mustModulus(elliptic.P256().Params().N)

func mustModulus(n *big.Int) *bigmod.Modulus {
	m, err := bigmod.NewModulus(n.Bytes())
	if err != nil {
		panic(err) // of a constant
	}
	return m
}

func newP256Key(k *ecdsa.PrivateKey, secret Secret) privateKey {
	return p256Key{k, [p256Size]byte(secret)}
}

func (k p256Key) plain() any { return k.PrivateKey }

// sign takes its nonce from RFC 6979. The signature is in DER.
func (k p256Key) sign(message []byte) (signature []byte, err error) {
	digest := sha256.Sum256(message)
	e, nonce, blind := bigmod.NewNat(), bigmod.NewNat(), bigmod.NewNat()
	if _, err := e.SetOverflowingBytes(digest[:], p256Order); err != nil {
		return nil, err
	}
	generator := newNonces(k.scalar[:], e.Bytes(p256Order))
	blinds := generator.fork()
	blinds.draw(func(number []byte) bool { return setScalar(blind, number) })
	generator.draw(func(number []byte) bool {
		if !setScalar(nonce, number) {
			return false
		}
		signature, err = k.attempt(e, nonce, blind)
		return signature != nil || err != nil
	})
	return signature, err
}

// setScalar reads a number and reports whether it is one of 1 to n - 1.
func setScalar(x *bigmod.Nat, number []byte) bool {
	_, err := x.SetBytes(number, p256Order)
	return err == nil && x.IsZero() == 0
}

// attempt is FIPS 186-5 §6.4.1 from step 4 on. It returns nil where a part of the
// signature would be zero: then the next nonce has its turn.
//
// How long it takes to invert a number depends on the number, so the nonce is
// multiplied by blind before and its inverse after. blind is as secret and as
// evenly distributed as the nonce: whoever could read their product from the time
// would have learned nothing.
func (k p256Key) attempt(e, nonce, blind *bigmod.Nat) ([]byte, error) {
	r, s, inverse := bigmod.NewNat(), bigmod.NewNat(), bigmod.NewNat()
	if err := setBaseX(r, nonce); err != nil {
		return nil, err
	}
	if err := setInverse(inverse, nonce.Mul(blind, p256Order)); err != nil {
		return nil, err
	}
	if _, err := s.SetBytes(k.scalar[:], p256Order); err != nil {
		return nil, err
	}
	s.Mul(r, p256Order).Add(e, p256Order).Mul(blind, p256Order).Mul(inverse, p256Order)
	if r.IsZero() == 1 || s.IsZero() == 1 {
		return nil, nil
	}
	return derSignature(r.Bytes(p256Order), s.Bytes(p256Order)), nil
}

// setBaseX makes r the X coordinate of x times the base point, modulo the order.
func setBaseX(r, x *bigmod.Nat) error {
	product, err := ecdh.P256().NewPrivateKey(x.Bytes(p256Order))
	if err != nil {
		return err
	}
	point := product.PublicKey().Bytes() // 0x04 ‖ X ‖ Y
	_, err = r.SetOverflowingBytes(point[1:1+p256Size], p256Order)
	return err
}

// setInverse makes z the inverse of x, in a time that depends on x.
func setInverse(z, x *bigmod.Nat) error {
	n := new(big.Int).SetBytes(x.Bytes(p256Order))
	n.ModInverse(n, elliptic.P256().Params().N)
	_, err := z.SetBytes(n.FillBytes(make([]byte, p256Size)), p256Order)
	return err
}

// derSignature is the Ecdsa-Sig-Value of RFC 3279 §2.2.3. Both lengths fit into
// one byte.
func derSignature(r, s []byte) []byte {
	const tagSequence, longest = 0x30, 2 * (2 + 1 + p256Size)
	der := append(make([]byte, 0, 2+longest), tagSequence, 0)
	der = appendDERInteger(appendDERInteger(der, r), s)
	der[1] = byte(len(der) - 2)
	return der
}

// appendDERInteger writes a positive number, big-endian, in as few bytes as it
// takes: the highest bit is its sign.
func appendDERInteger(der, number []byte) []byte {
	const tagInteger = 0x02
	for number[0] == 0 {
		number = number[1:]
	}
	if number[0]&0x80 == 0 {
		return append(append(der, tagInteger, byte(len(number))), number...)
	}
	return append(append(der, tagInteger, byte(len(number)+1), 0), number...)
}
