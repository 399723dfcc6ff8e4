package hybrid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// A QR code holds digits in a third of the room that letters take. So bytes
// travel as decimal numbers: seven bytes, little-endian, in 17 digits, and what
// is left in as many as its length needs.
const (
	chunkBytes  = 7
	chunkDigits = 17
)

// digitsOf is how many digits a chunk of so many bytes has.
var digitsOf = [chunkBytes + 1]int{0, 3, 5, 8, 10, 13, 15, chunkDigits}

// MaxDigits is the most digits that are looked at: as many as the largest QR code
// holds.
const MaxDigits = 7089

// ErrDigits says that a text is not bytes in decimal digits.
var ErrDigits = errors.New("not bytes in decimal digits")

// EncodeDigits writes bytes as decimal digits.
func EncodeDigits(data []byte) string {
	out := make([]byte, 0, (len(data)/chunkBytes+1)*chunkDigits)
	for len(data) > 0 {
		n := min(len(data), chunkBytes)
		var chunk [8]byte
		copy(chunk[:], data[:n])
		out = fmt.Appendf(out, "%0*d", digitsOf[n], binary.LittleEndian.Uint64(chunk[:]))
		data = data[n:]
	}
	return string(out)
}

// DecodeDigits undoes EncodeDigits. The error wraps [ErrDigits].
func DecodeDigits(text string) ([]byte, error) {
	if len(text) > MaxDigits {
		return nil, fmt.Errorf("%w: there are %d, at most %d fit a QR code", ErrDigits, len(text), MaxDigits)
	}
	out := make([]byte, 0, (len(text)/chunkDigits+1)*chunkBytes)
	for at := 0; at < len(text); {
		chunk := text[at:min(at+chunkDigits, len(text))]
		value, size, err := decodeChunk(chunk)
		if err != nil {
			return nil, fmt.Errorf("%w: %q at digit %d: %w", ErrDigits, chunk, at, err)
		}
		var bytes [8]byte
		binary.LittleEndian.PutUint64(bytes[:], value)
		out = append(out, bytes[:size]...)
		at += len(chunk)
	}
	return out, nil
}

// decodeChunk reads the digits of at most seven bytes.
func decodeChunk(chunk string) (value uint64, size int, err error) {
	for n, digits := range digitsOf {
		if digits == len(chunk) {
			size = n
		}
	}
	if size == 0 {
		return 0, 0, fmt.Errorf("no number of bytes has %d digits", len(chunk))
	}
	for _, c := range []byte(chunk) {
		if c < '0' || c > '9' {
			return 0, 0, fmt.Errorf("%q is no digit", c)
		}
	}
	if value, err = strconv.ParseUint(chunk, 10, 64); err != nil {
		return 0, 0, err // no 17 digits overflow 64 bits
	}
	if value>>(8*size) != 0 {
		return 0, 0, fmt.Errorf("the number takes more than %d bytes", size)
	}
	return value, size, nil
}
