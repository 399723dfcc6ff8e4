// Package pinuv is the platform's side of PIN/UV auth protocols one and two
// (CTAP 2.3 §6.5.6, §6.5.7), written for the judge alone.
//
// It owns arithmetic over given bytes. The devices that are judged have an
// implementation of their own, and an error in theirs must not be in this one too.
// It must never know a subcommand or a status.
package pinuv

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// PaddedPIN is the length of a new PIN before encryption, in bytes.
const PaddedPIN = 64

// Secret is what platform and authenticator have agreed on in a protocol.
type Secret struct {
	Protocol int
	mac, key []byte
	random   io.Reader
}

// Agree draws a key pair of the platform's and agrees with the point x, y of the
// authenticator. ownX and ownY are the platform's point.
func Agree(protocol int, random io.Reader, x, y []byte) (s Secret, ownX, ownY []byte, err error) {
	peer, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, x...), y...))
	if err != nil {
		return s, nil, nil, fmt.Errorf("the authenticator's key agreement key: %w", err)
	}
	own, err := drawKey(random)
	if err != nil {
		return s, nil, nil, err
	}
	z, err := own.ECDH(peer)
	if err != nil {
		return s, nil, nil, err
	}
	point := own.PublicKey().Bytes()
	s, err = derive(protocol, random, z)
	return s, point[1:33], point[33:], err
}

// drawKey draws until the number is a key; all but one of 2^32 are.
func drawKey(random io.Reader) (*ecdh.PrivateKey, error) {
	for {
		scalar := make([]byte, 32)
		if _, err := io.ReadFull(random, scalar); err != nil {
			return nil, err
		}
		if key, err := ecdh.P256().NewPrivateKey(scalar); err == nil {
			return key, nil
		}
	}
}

// derive is kdf of §6.5.6 and §6.5.7.
func derive(protocol int, random io.Reader, z []byte) (Secret, error) {
	s := Secret{Protocol: protocol, random: random}
	if protocol == 1 {
		sum := sha256.Sum256(z)
		s.mac, s.key = sum[:], sum[:]
		return s, nil
	}
	salt := make([]byte, 32)
	var err error
	if s.mac, err = hkdf.Key(sha256.New, z, salt, "CTAP2 HMAC key", 32); err != nil {
		return s, err
	}
	s.key, err = hkdf.Key(sha256.New, z, salt, "CTAP2 AES key", 32)
	return s, err
}

// Encrypt encrypts whole blocks.
func (s Secret) Encrypt(plain []byte) []byte {
	block, err := aes.NewCipher(s.key)
	if err != nil || len(plain)%aes.BlockSize != 0 {
		panic(fmt.Sprintf("pinuv: %d bytes are no blocks, or %v", len(plain), err))
	}
	iv := make([]byte, aes.BlockSize)
	var out []byte
	if s.Protocol != 1 {
		if _, err := io.ReadFull(s.random, iv); err != nil {
			panic(err)
		}
		out = append(out, iv...)
	}
	sealed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, plain)
	return append(out, sealed...)
}

// Decrypt reverses Encrypt.
func (s Secret) Decrypt(sealed []byte) ([]byte, error) {
	block, err := aes.NewCipher(s.key)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if s.Protocol != 1 {
		if len(sealed) < aes.BlockSize {
			return nil, errors.New("too short for an initialisation vector")
		}
		iv, sealed = sealed[:aes.BlockSize], sealed[aes.BlockSize:]
	}
	if len(sealed)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%d bytes are no blocks", len(sealed))
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, sealed)
	return plain, nil
}

// Authenticate is the pinUvAuthParam over a message by what was agreed on.
func (s Secret) Authenticate(message []byte) []byte { return Authenticate(s.Protocol, s.mac, message) }

// Authenticate is the pinUvAuthParam over a message by a key, such as a
// pinUvAuthToken.
func Authenticate(protocol int, key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	sum := h.Sum(nil)
	if protocol == 1 {
		return sum[:16]
	}
	return sum
}

// HashPIN is the part of a PIN's hash that travels.
func HashPIN(pin string) []byte {
	sum := sha256.Sum256([]byte(pin))
	return sum[:16]
}

// PadPIN fills a PIN with zeros to length bytes. What is longer stays as it is.
func PadPIN(pin string, length int) []byte {
	return append([]byte(pin), make([]byte, max(0, length-len(pin)))...)
}

// KeyPair is the authenticator's key agreement key, which it tells before it knows
// the platform's.
type KeyPair struct{ own *ecdh.PrivateKey }

// NewKeyPair draws one.
func NewKeyPair(random io.Reader) (KeyPair, error) {
	own, err := drawKey(random)
	return KeyPair{own}, err
}

// Point returns the coordinates of the public key.
func (k KeyPair) Point() (x, y []byte) {
	point := k.own.PublicKey().Bytes()
	return point[1:33], point[33:]
}

// Agree returns the secret that is shared with the platform whose point is x, y.
func (k KeyPair) Agree(protocol int, random io.Reader, x, y []byte) (Secret, error) {
	peer, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, x...), y...))
	if err != nil {
		return Secret{}, fmt.Errorf("the platform's key agreement key: %w", err)
	}
	z, err := k.own.ECDH(peer)
	if err != nil {
		return Secret{}, err
	}
	return derive(protocol, random, z)
}
