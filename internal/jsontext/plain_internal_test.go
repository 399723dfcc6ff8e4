package jsontext

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPlainStopsWhereTheTableSays puts every byte in every place of a word, with
// and without another special byte behind it.
func TestPlainStopsWhereTheTableSays(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for at := range 17 {
			for _, behind := range []string{"", "aaaaaaaaa", "\"", "\x00\\\xff\x80aaaaaa"} {
				text := append(append(bytes.Repeat([]byte{'a'}, at), byte(c)), behind...)
				want := 0
				for want < len(text) && isPlain[text[want]] {
					want++
				}
				assert.Equal(t, want, plain(text), "%q", text)
			}
		}
	}
}
