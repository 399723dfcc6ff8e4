package printable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/internal/printable"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	const hostile = "a\r\n b\x00\xff"
	assert.Equal(t, "a b", printable.Line(hostile))
	assert.Equal(t, "a b", printable.Only(hostile))
	assert.Len(t, printable.Line(strings.Repeat("x", 1000)), 256)
	assert.Len(t, printable.Only(strings.Repeat("x", 1000)), 1000)
	assert.Equal(t, strings.Repeat("x", 255), printable.Line(strings.Repeat("x", 255)+"é"), "no half of a letter")
}
