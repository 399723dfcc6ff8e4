package authenticator

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/passkeylab/passkeylab/internal/primes"
)

// RSA with SHA-256. A private key is its two primes, one after the other and
// padded to equal length. Keys that are made here have 2048 bits.
var (
	rsaPKCS1 = rsaScheme(func(k *rsa.PrivateKey) privateKey { return pkcs1Key{k} })
	rsaPSS   = rsaScheme(func(k *rsa.PrivateKey) privateKey { return pssKey{k} })
)

// Bounds of RSA keys.
const (
	rsaSize     = 256 // bytes of the modulus of keys made here
	rsaMinBits  = 2048
	rsaMaxBits  = 4096
	rsaExponent = primes.Exponent
)

func rsaScheme(of func(*rsa.PrivateKey) privateKey) scheme {
	return scheme{
		parse: func(secret Secret) (privateKey, error) {
			k, err := parseRSA(secret)
			if err != nil {
				return nil, err
			}
			return of(k), nil
		},
		adopt:  adoptRSA,
		expand: expandRSA,
	}
}

func parseRSA(secret Secret) (*rsa.PrivateKey, error) {
	if n := len(secret); n < rsaSize || n > 2*rsaMaxBits/8 || n%2 != 0 {
		return nil, fmt.Errorf("has %d bytes, want two primes of equal length", n)
	}
	one := big.NewInt(1)
	p := new(big.Int).SetBytes(secret[:len(secret)/2])
	q := new(big.Int).SetBytes(secret[len(secret)/2:])
	n := new(big.Int).Mul(p, q)
	if n.BitLen() < rsaMinBits || n.BitLen() > rsaMaxBits {
		return nil, fmt.Errorf("the modulus has %d bits, want %d to %d", n.BitLen(), rsaMinBits, rsaMaxBits)
	}
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	order := new(big.Int).Div(new(big.Int).Mul(p1, q1), new(big.Int).GCD(nil, nil, p1, q1)) // their lcm (RFC 8017 §3.2)
	d := new(big.Int).ModInverse(big.NewInt(rsaExponent), order)
	if d == nil {
		return nil, fmt.Errorf("the primes do not go with the exponent %d", rsaExponent)
	}
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: rsaExponent}, D: d, Primes: []*big.Int{p, q}}
	k.Precompute()
	return k, k.Validate()
}

// adoptRSA takes keys with two primes and the usual exponent, as everybody makes
// them.
func adoptRSA(private any) (Secret, bool) {
	k, ok := private.(*rsa.PrivateKey)
	if !ok || k.E != rsaExponent || len(k.Primes) != 2 {
		return nil, false
	}
	p, q := k.Primes[0], k.Primes[1]
	if bits := k.N.BitLen(); bits < rsaMinBits || bits > rsaMaxBits {
		return nil, false
	}
	half := (max(p.BitLen(), q.BitLen()) + 7) / 8
	secret := make(Secret, 2*half)
	p.FillBytes(secret[:half])
	q.FillBytes(secret[half:])
	return secret, true
}

// pkcs1Key signs with RSASSA-PKCS1-v1_5, which has no randomness.
type pkcs1Key struct{ *rsa.PrivateKey }

func (k pkcs1Key) sign(message []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, k.PrivateKey, crypto.SHA256, digest(crypto.SHA256, message))
}

func (k pkcs1Key) plain() any { return k.PrivateKey }

// pssKey signs with RSASSA-PSS. A salt of 32 bytes belongs to the signature
// (RFC 8230 §2); it comes from key and message, as the nonce of ECDSA does in
// RFC 6979: HMAC-SHA-256(private exponent, SHA-256(message)).
type pssKey struct{ *rsa.PrivateKey }

func (k pssKey) sign(message []byte) ([]byte, error) {
	sum := digest(crypto.SHA256, message)
	mac := hmac.New(sha256.New, k.D.Bytes())
	mac.Write(sum)
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	return rsa.SignPSS(bytes.NewReader(mac.Sum(nil)), k.PrivateKey, crypto.SHA256, sum, options)
}

func (k pssKey) plain() any { return k.PrivateKey }
