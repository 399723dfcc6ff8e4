package authenticator

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A wrapped credential ID is nonce ‖ AES-256-GCM(secret, nonce, plaintext, AD =
// SHA-256(rpID)), where plaintext = version ‖ algorithm, 16 bits big-endian ‖
// marks ‖ private key as it was drawn, seedSize bytes ‖ padding of zeros. Whatever
// does not open under the device's secret and the RP ID at hand is another
// authenticator's, and so is what an earlier version wrapped. The length tells
// nothing about the algorithm.
const (
	wrapVersion  = 2
	wrapNonce    = 12
	wrapTag      = 16
	wrapHead     = 1 + 2 + 1
	wrappedMin   = wrapNonce + wrapHead + seedSize + wrapTag
	deviceSecret = 32 // bytes of State.Secret
)

func wrapCipher(secret Secret) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("device secret: %w", err)
	}
	return cipher.NewGCM(block)
}

// wrap returns a credential ID of at least size bytes that holds c's key.
func wrap(random io.Reader, secret Secret, rpIDHash [32]byte, c *Credential, size int) ([]byte, error) {
	if err := c.PrivateKey.hasBytes(seedSize); err != nil {
		return nil, fmt.Errorf("wrapping a credential key: %w", err)
	}
	aead, err := wrapCipher(secret)
	if err != nil {
		return nil, err
	}
	id := make([]byte, wrapNonce, max(size, wrappedMin))
	if _, err := io.ReadFull(random, id); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	plain := make([]byte, cap(id)-wrapNonce-wrapTag)
	plain[0] = wrapVersion
	binary.BigEndian.PutUint16(plain[1:], uint16(c.Algorithm))
	plain[wrapHead-1] = marksOf(c.kept())
	copy(plain[wrapHead:], c.PrivateKey)
	return aead.Seal(id, id, plain, rpIDHash[:]), nil
}

// unwrap opens a credential ID; the RP ID of what it returns is for the caller to
// fill in, who may know its hash alone. ok is false for an ID that this device did not
// make, or made for another RP ID, or before a reset.
func unwrap(secret Secret, rpIDHash [32]byte, id []byte) (c *Credential, ok bool) {
	if len(secret) == 0 || len(id) < wrappedMin || len(id) > webauthn.MaxCredentialID {
		return nil, false
	}
	aead, err := wrapCipher(secret)
	if err != nil {
		return nil, false
	}
	plain, err := aead.Open(nil, id[:wrapNonce], id[wrapNonce:], rpIDHash[:])
	if err != nil || plain[0] != wrapVersion {
		return nil, false
	}
	return &Credential{
		ID:         id,
		Algorithm:  webauthn.Algorithm(int16(binary.BigEndian.Uint16(plain[1:]))),
		PrivateKey: plain[wrapHead : wrapHead+seedSize],
		Extras:     extrasOf(plain[wrapHead-1]),
	}, true
}

// The marks are what a wrapped credential keeps of Extras.
const (
	markCredProtect       = 0x03 // the level, 0 where none was asked for
	markThirdPartyPayment = 0x04
)

func marksOf(extras *Extras) byte {
	marks := byte(extras.CredProtect) & markCredProtect
	if extras.ThirdPartyPayment {
		marks |= markThirdPartyPayment
	}
	return marks
}

func extrasOf(marks byte) *Extras {
	if marks == 0 {
		return nil
	}
	return &Extras{
		CredProtect:       ctap.CredProtect(marks & markCredProtect),
		ThirdPartyPayment: marks&markThirdPartyPayment != 0,
	}
}
