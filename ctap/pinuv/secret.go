package pinuv

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// maxCiphertext bounds what Decrypt looks at, in bytes. The longest that the
// protocols know is a padded PIN with its initialization vector, 80 bytes.
const maxCiphertext = 1024

// errProtocol says that a secret was not agreed on with either protocol.
var errProtocol = errors.New("no secret was agreed on: the protocol is neither one nor two")

// Secret is what platform and authenticator share after key agreement. The
// zero value encrypts nothing and verifies nothing. It prints as "(secret)"
// with any verb.
type Secret struct {
	protocol Protocol
	hmacKey  [sha256.Size]byte
	aesKey   [sha256.Size]byte
}

// derive is kdf (§6.5.6, §6.5.7) of the x coordinate z of the shared point.
func derive(p Protocol, z []byte) (Secret, error) {
	switch p {
	case One:
		key := sha256.Sum256(z)
		return Secret{protocol: One, hmacKey: key, aesKey: key}, nil
	case Two:
		hmacKey, err := expand(z, "CTAP2 HMAC key")
		if err != nil {
			return Secret{}, err
		}
		aesKey, err := expand(z, "CTAP2 AES key")
		return Secret{protocol: Two, hmacKey: hmacKey, aesKey: aesKey}, err
	}
	return Secret{}, errProtocol
}

func expand(z []byte, info string) (key [sha256.Size]byte, err error) {
	out, err := hkdf.Key(sha256.New, z, make([]byte, sha256.Size), info, sha256.Size)
	if err != nil {
		return key, fmt.Errorf("key derivation: %w", err)
	}
	return [sha256.Size]byte(out), nil
}

// Encrypt encrypts a plaintext of whole 16-byte blocks. Protocol two reads the
// 16 bytes of its initialization vector from random and puts them before the
// result; protocol one does not read it.
func (s Secret) Encrypt(random io.Reader, plaintext []byte) ([]byte, error) {
	block, err := s.blocks(plaintext)
	if err != nil {
		return nil, fmt.Errorf("encrypting: %w", err)
	}
	out := make([]byte, s.vectorSize()+len(plaintext))
	vector := out[:s.vectorSize()]
	if _, err := io.ReadFull(random, vector); err != nil {
		return nil, fmt.Errorf("encrypting: initialization vector: %w", err)
	}
	cipher.NewCBCEncrypter(block, padVector(vector)).CryptBlocks(out[len(vector):], plaintext)
	return out, nil
}

// Decrypt undoes Encrypt. It fails where the length cannot be that of a
// ciphertext; whether the content is genuine is for Verify to say.
func (s Secret) Decrypt(ciphertext []byte) ([]byte, error) {
	if len(ciphertext) < s.vectorSize() || len(ciphertext) > maxCiphertext {
		return nil, fmt.Errorf("decrypting: %d bytes, want %d to %d", len(ciphertext), s.vectorSize(), maxCiphertext)
	}
	vector, blocks := ciphertext[:s.vectorSize()], ciphertext[s.vectorSize():]
	block, err := s.blocks(blocks)
	if err != nil {
		return nil, fmt.Errorf("decrypting: %w", err)
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCDecrypter(block, padVector(vector)).CryptBlocks(out, blocks)
	return out, nil
}

// Authenticate returns the signature of message under the secret: 16 bytes with
// protocol one, 32 with protocol two.
func (s Secret) Authenticate(message []byte) []byte {
	return s.protocol.Authenticate(s.hmacKey[:], message)
}

// Verify reports, in constant time, whether signature is that of message. A
// signature of another length is not.
func (s Secret) Verify(message, signature []byte) bool {
	return s.protocol.Verify(s.hmacKey[:], message, signature)
}

// Protocol is the one the secret was agreed on with.
func (s Secret) Protocol() Protocol { return s.protocol }

// Format keeps the secret out of logs, whatever the verb.
func (s Secret) Format(out fmt.State, _ rune) { redact(out) }

func redact(out io.Writer) { _, _ = io.WriteString(out, "(secret)") }

// vectorSize is the length in bytes of the initialization vector that travels.
func (s Secret) vectorSize() int {
	if s.protocol == Two {
		return aes.BlockSize
	}
	return 0
}

// padVector supplies the vector of zeros that protocol one does not send.
func padVector(sent []byte) []byte {
	if len(sent) == 0 {
		return make([]byte, aes.BlockSize)
	}
	return sent
}

// blocks returns the cipher for text of whole blocks.
func (s Secret) blocks(text []byte) (cipher.Block, error) {
	if s.protocol == 0 {
		return nil, errProtocol
	}
	if len(text)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%d bytes are not blocks of %d", len(text), aes.BlockSize)
	}
	return aes.NewCipher(s.aesKey[:])
}
