package client

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A statement is a map, but one of format compound is an array of others.
func TestCheckStatement(t *testing.T) {
	t.Parallel()
	emptyMap, emptyArray := canon.Raw{0xa0}, canon.Raw{0x80}
	for _, c := range []struct {
		format    string
		statement canon.Raw
		fits      bool
	}{
		{webauthn.FormatPacked, emptyMap, true},
		{webauthn.FormatPacked, emptyArray, false},
		{webauthn.FormatPacked, nil, true},
		{webauthn.FormatCompound, emptyArray, true},
		{webauthn.FormatCompound, emptyMap, false},
		{webauthn.FormatCompound, nil, true},
	} {
		assert.Equal(t, c.fits, checkStatement(c.format, c.statement) == nil, "%s %x", c.format, c.statement)
	}
}
