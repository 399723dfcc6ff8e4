package authenticator

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/webauthn"
)

// A wrapped credential ID is nonce ‖ AES-256-GCM(secret, nonce, plaintext, AD =
// SHA-256(rpID)), where plaintext = version ‖ algorithm, 16 bits big-endian ‖
// private key ‖ padding of zeros. Whatever does not open under the device's
// secret and the RP ID at hand is another authenticator's.
const (
	wrapVersion   = 1
	wrapNonce     = 12
	wrapTag       = 16
	wrapHead      = 1 + 2
	wrappedSecret = 32
	wrappedMin    = wrapNonce + wrapHead + wrappedSecret + wrapTag
	deviceSecret  = 32 // bytes of State.Secret
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
		PrivateKey: plain[wrapHead : wrapHead+wrappedSecret],
	}, true
}
