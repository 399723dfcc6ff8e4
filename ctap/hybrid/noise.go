package hybrid

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
)

// tagSize is what encryption adds to a text, in bytes.
const tagSize = 16

// nonceSize of AES-GCM, in bytes.
const nonceSize = 12

// hash is the output of the handshake's hash function, and a key.
type hash = [sha256.Size]byte

// errAuthenticity says that a text was not encrypted with the same keys, or is not
// what it was.
var errAuthenticity = errors.New("it was encrypted with another key, or changed on its way")

// symmetric is the SymmetricState of the Noise Protocol Framework (revision 34,
// §5.2) with AES-256-GCM and SHA-256. Of every key it encrypts one text, so the
// nonce is always zero.
type symmetric struct {
	chaining, hash, key hash
}

// begin starts a protocol whose name has at most as many bytes as a hash.
func begin(name string) (s symmetric) {
	copy(s.hash[:], name)
	s.chaining = s.hash
	return s
}

func (s *symmetric) mixHash(data []byte) {
	s.hash = sha256.Sum256(append(s.hash[:len(s.hash):len(s.hash)], data...))
}

func (s *symmetric) mixKey(material []byte) {
	out := expand(2*sha256.Size, material, s.chaining[:], nil)
	s.chaining, s.key = hash(out[:sha256.Size]), hash(out[sha256.Size:])
}

func (s *symmetric) mixKeyAndHash(material []byte) {
	out := expand(3*sha256.Size, material, s.chaining[:], nil)
	s.chaining, s.key = hash(out[:sha256.Size]), hash(out[2*sha256.Size:])
	s.mixHash(out[sha256.Size : 2*sha256.Size])
}

// sealEmpty encrypts no text at all, which proves to the other side that the keys
// are the same.
func (s *symmetric) sealEmpty() []byte {
	out := gcm(s.key).Seal(nil, make([]byte, nonceSize), nil, s.hash[:])
	s.mixHash(out)
	return out
}

// openEmpty undoes sealEmpty.
func (s *symmetric) openEmpty(ciphertext []byte) error {
	plaintext, err := gcm(s.key).Open(nil, make([]byte, nonceSize), ciphertext, s.hash[:])
	if err != nil || len(plaintext) != 0 {
		return errAuthenticity
	}
	s.mixHash(ciphertext)
	return nil
}

// split ends the handshake with the key that the client encrypts with and the one
// that the authenticator does.
func (s *symmetric) split() (client, authenticator hash) {
	out := expand(2*sha256.Size, nil, s.chaining[:], nil)
	return hash(out[:sha256.Size]), hash(out[sha256.Size:])
}

func gcm(key hash) cipher.AEAD {
	block, _ := aes.NewCipher(key[:]) // 32 bytes are a key
	aead, _ := cipher.NewGCM(block)   // AES has blocks of 16 bytes
	return aead
}
