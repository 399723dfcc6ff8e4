package usbkey

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// written is a report as a program writes it, of a byte that is repeated.
func written(number, mark byte) []byte {
	return append([]byte{number}, bytes.Repeat([]byte{mark}, reportSize)...)
}

func TestCutter(t *testing.T) {
	t.Parallel()
	var c cutter
	var marks []byte
	cut := func(bytes ...[]byte) {
		for _, b := range bytes {
			c.cut(b, func(report []byte) {
				assert.Len(t, report, reportSize)
				marks = append(marks, report[0])
			})
		}
	}
	one, two := written(0, 1), written(0, 2)
	cut(one, bytes.Join([][]byte{two, written(0, 3)}, nil))
	assert.Equal(t, []byte{1, 2, 3}, marks, "one by one, or several at once")
	cut(written(7, 4))
	assert.Equal(t, []byte{1, 2, 3}, marks, "there is no report 7")
	cut(one[:10], one[10:], two[:1])
	assert.Equal(t, []byte{1, 2, 3, 1}, marks, "in pieces")
	c.drained()
	cut(two)
	assert.Equal(t, []byte{1, 2, 3, 1, 2}, marks, "after something that is none")
	c.drained()

	marks = nil
	full := bytes.Repeat(one, 64)
	cut(full[:4095])
	c.drained()
	cut(full[4095:])
	assert.Len(t, marks, 64, "what did not fit into a full terminal comes later")
	cut(one[:10])
	c.drained()
	cut(two)
	assert.Equal(t, byte(2), marks[64])
}

// However bytes arrive, the same reports come of them, and no more is kept than
// one.
func FuzzCutter(f *testing.F) {
	f.Add(bytes.Join([][]byte{written(0, 1), written(0, 2), written(1, 3)}, nil), uint16(64))
	f.Add(written(0, 1)[:64], uint16(1))
	f.Fuzz(func(t *testing.T, text []byte, at uint16) {
		var whole, pieces cutter
		var want, got []byte
		whole.cut(text, func(report []byte) { want = append(want, report...) })
		split := min(int(at), len(text))
		for _, piece := range [][]byte{text[:split], text[split:]} {
			pieces.cut(piece, func(report []byte) { got = append(got, report...) })
		}
		if !bytes.Equal(want, got) || len(whole.rest) >= writtenSize || !bytes.Equal(whole.rest, pieces.rest) {
			t.Errorf("%d and %d bytes of reports, %d and %d left", len(want), len(got), len(whole.rest), len(pieces.rest))
		}
	})
}
