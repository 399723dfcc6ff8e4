package hybrid

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

// padding is what the length of a plaintext is a multiple of, in bytes.
const padding = 32

// maxPlaintext is what still fits a message of a tunnel once it is padded and
// encrypted.
const maxPlaintext = (MaxMessage-tagSize)/padding*padding - 1

// maxCounter is the last number that a message may have.
const maxCounter = 1<<24 - 1

// What a message can be wrong with.
var (
	ErrTooLong  = fmt.Errorf("a message takes more than %d bytes", MaxMessage)
	ErrMessage  = errors.New("the message cannot be read")
	ErrUsedUp   = errors.New("the keys have encrypted as many messages as they may")
	errUnpadded = fmt.Errorf("%w: its padding is longer than itself", ErrMessage)
)

// Session encrypts and decrypts what is said after the handshake. Seal and Open
// may be called at the same time, each by one goroutine. After an error of either
// the session is of no use any more.
type Session struct {
	hash          [32]byte
	sends, takes  cipher.AEAD
	sent, arrived uint32
}

// NewSession returns the session of a side that sends with one key and takes what
// was sent with another. hash is that of the handshake.
func NewSession(sends, takes, hash [32]byte) *Session {
	return &Session{hash: hash, sends: gcm(sends), takes: gcm(takes)}
}

// Hash is that of the handshake: the same for both sides, and for no other two.
func (s *Session) Hash() [32]byte { return s.hash }

// Seal pads and encrypts the next message. The error is [ErrTooLong] or
// [ErrUsedUp].
func (s *Session) Seal(plaintext []byte) ([]byte, error) {
	if len(plaintext) > maxPlaintext {
		return nil, ErrTooLong
	}
	nonce, err := next(&s.sent)
	if err != nil {
		return nil, err
	}
	return s.sends.Seal(nil, nonce[:], pad(plaintext), nil), nil
}

// Open decrypts the next message. The error is [ErrTooLong], [ErrUsedUp] or wraps
// [ErrMessage].
func (s *Session) Open(ciphertext []byte) ([]byte, error) {
	if len(ciphertext) > MaxMessage {
		return nil, ErrTooLong
	}
	nonce, err := next(&s.arrived)
	if err != nil {
		return nil, err
	}
	padded, err := s.takes.Open(nil, nonce[:], ciphertext, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMessage, errAuthenticity)
	}
	return unpad(padded)
}

// next is the nonce of the next message in a direction: its number in the last
// four bytes.
func next(counter *uint32) (nonce [nonceSize]byte, err error) {
	if *counter > maxCounter {
		return nonce, ErrUsedUp
	}
	binary.BigEndian.PutUint32(nonce[8:], *counter)
	*counter++
	return nonce, nil
}

// pad appends zeros and how many they are.
func pad(plaintext []byte) []byte {
	size := (len(plaintext)/padding + 1) * padding
	out := make([]byte, size)
	copy(out, plaintext)
	out[size-1] = byte(size - len(plaintext) - 1)
	return out
}

// unpad believes the last byte alone: others pad to other lengths.
func unpad(padded []byte) ([]byte, error) {
	if len(padded) == 0 {
		return nil, errUnpadded
	}
	end := len(padded) - 1 - int(padded[len(padded)-1])
	if end < 0 {
		return nil, errUnpadded
	}
	return padded[:end], nil
}
