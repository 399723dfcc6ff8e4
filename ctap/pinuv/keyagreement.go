package pinuv

import (
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/ctap"
)

// ErrKeyAgreement says that the other side's key is not one to agree with:
// absent, of another type or curve, or not a point on P-256. An authenticator
// answers InvalidParameter.
var ErrKeyAgreement = errors.New("not a P-256 key to agree with")

// What a COSE_Key for key agreement says about itself (CTAP 2.3 §6.5.6).
const (
	keyTypeEC2 = 2
	algorithm  = -25 // ECDH-ES + HKDF-256, which neither protocol is
	curveP256  = 1
)

// coordinate is the length of x and y in bytes.
const coordinate = 32

// maxDraws is how often a scalar is drawn anew before the source of randomness
// counts as broken. A working one misses the range once in 2³² draws.
const maxDraws = 16

// KeyPair is a key-agreement key. An authenticator keeps one for each protocol
// (§6.5.5.1), a platform makes one for each agreement. It prints as "(secret)".
type KeyPair struct{ private *ecdh.PrivateKey }

// NewKeyPair draws a key: 32 bytes of random, and 32 more while they are no
// scalar of P-256. The error is that of random, or says that it gives nothing
// usable.
func NewKeyPair(random io.Reader) (*KeyPair, error) {
	var scalar [coordinate]byte
	for range maxDraws {
		if _, err := io.ReadFull(random, scalar[:]); err != nil {
			return nil, fmt.Errorf("key agreement: randomness: %w", err)
		}
		if private, err := ecdh.P256().NewPrivateKey(scalar[:]); err == nil {
			return &KeyPair{private}, nil
		}
	}
	return nil, fmt.Errorf("key agreement: %d draws of randomness gave no scalar of P-256", maxDraws)
}

// Public returns the public key as it travels, with coordinates of exactly 32
// bytes.
func (k *KeyPair) Public() *ctap.KeyAgreement {
	point := k.private.PublicKey().Bytes()[1:]
	return &ctap.KeyAgreement{
		KeyType: keyTypeEC2, Algorithm: algorithm, Curve: curveP256,
		X: point[:coordinate:coordinate], Y: point[coordinate:],
	}
}

// Decapsulate agrees on a secret with the other side's public key (§6.5.4,
// decapsulate). The error is [ErrKeyAgreement], with the reason.
func (k *KeyPair) Decapsulate(p Protocol, peer *ctap.KeyAgreement) (Secret, error) {
	public, err := point(peer)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrKeyAgreement, err)
	}
	z, err := k.private.ECDH(public)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrKeyAgreement, err)
	}
	return derive(p, z)
}

// Encapsulate is the platform's side (§6.5.4, encapsulate): it draws a key,
// agrees with the authenticator's and returns what to send it.
func Encapsulate(random io.Reader, p Protocol, peer *ctap.KeyAgreement) (*ctap.KeyAgreement, Secret, error) {
	k, err := NewKeyPair(random)
	if err != nil {
		return nil, Secret{}, err
	}
	secret, err := k.Decapsulate(p, peer)
	if err != nil {
		return nil, Secret{}, err
	}
	return k.Public(), secret, nil
}

// point reads the other side's key. Its algorithm is a label without meaning.
func point(key *ctap.KeyAgreement) (*ecdh.PublicKey, error) {
	switch {
	case key == nil:
		return nil, errors.New("there is none")
	case key.KeyType != keyTypeEC2 || key.Curve != curveP256:
		return nil, fmt.Errorf("key type %d and curve %d, want %d and %d", key.KeyType, key.Curve, keyTypeEC2, curveP256)
	case len(key.X) != coordinate || len(key.Y) != coordinate:
		return nil, fmt.Errorf("coordinates of %d and %d bytes, want %d", len(key.X), len(key.Y), coordinate)
	}
	uncompressed := append(make([]byte, 0, 1+2*coordinate), 4)
	uncompressed = append(append(uncompressed, key.X...), key.Y...)
	return ecdh.P256().NewPublicKey(uncompressed)
}

// Format keeps the key out of logs, whatever the verb.
func (k *KeyPair) Format(out fmt.State, _ rune) { redact(out) }
