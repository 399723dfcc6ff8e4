package pinuv

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// Sizes of a PIN in bytes (CTAP 2.3 §6.5.1, §6.5.5.5).
const (
	PaddedPIN = 64 // as it is encrypted, filled up with zeros
	MaxPIN    = 63 // in UTF-8, so that one zero always follows
	PINHash   = 16 // LEFT(SHA-256(PIN), 16)
)

// HashPIN returns the hash by which an authenticator knows a PIN. The PIN is in
// Normalization Form C already, which is the platform's to see to (§6.5.1).
func HashPIN(pin string) []byte {
	hash := sha256.Sum256([]byte(pin))
	return hash[:PINHash]
}

// PadPIN returns a new PIN as it is encrypted. It fails for one that is longer
// than [MaxPIN], or that would come back shorter because it ends in a zero byte.
func PadPIN(pin string) ([]byte, error) {
	if len(pin) > MaxPIN {
		return nil, fmt.Errorf("a PIN of %d bytes, at most %d fit", len(pin), MaxPIN)
	}
	if strings.HasSuffix(pin, "\x00") {
		return nil, errors.New("a PIN may not end in a zero byte")
	}
	padded := make([]byte, PaddedPIN)
	copy(padded, pin)
	return padded, nil
}
