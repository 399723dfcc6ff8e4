package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// isPlain marks the bytes that stand for themselves in a string: ASCII without
// quotes, backslashes and control characters. What is not ASCII may not be UTF-8.
var isPlain = func() (table [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// plain returns how many bytes at the start of data stand for themselves. It
// looks at eight at a time, since most strings are long and plain base64.
func plain(data []byte) int {
	n := 0
	for ; len(data)-n >= 8; n += 8 {
		if special := special(binary.LittleEndian.Uint64(data[n:])); special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for n < len(data) && isPlain[data[n]] {
		n++
	}
	return n
}

// Every byte of these is the same.
const (
	lows  = 0x0101010101010101
	highs = 0x80 * lows
)

// special returns a word whose lowest bit set, if any, is in the lowest byte of
// eight that does not stand for itself. What is above it means nothing.
func special(eight uint64) uint64 {
	control := eight - lows*' '
	quote := (eight ^ lows*'"') - lows
	backslash := (eight ^ lows*'\\') - lows
	return (eight | control | quote | backslash) & highs
}
