package iso7816_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
)

// Commands as they are written down in public implementations.
func TestCommands(t *testing.T) {
	t.Parallel()
	aid := []byte{0xA0, 0, 0, 6, 0x47, 0x2F, 0, 1}
	for want, c := range map[string]iso7816.Command{
		"00a4040008a0000006472f000100": {Instruction: 0xA4, P1: 4, Data: aid},
		"00a4040008a0000006472f0001":   {Instruction: 0xA4, P1: 4, Data: aid, Form: iso7816.NoLe},
		"80108000010400":               {Class: 0x80, Instruction: 0x10, P1: 0x80, Data: []byte{4}},
		"80100000000001040000":         {Class: 0x80, Instruction: 0x10, Data: []byte{4}, Form: iso7816.Extended},
		"00030000000000":               {Instruction: 3, Form: iso7816.Extended},
		"00c0000010":                   {Instruction: 0xC0, Le: 16},
		"80120100":                     {Class: 0x80, Instruction: 0x12, P1: 1, Form: iso7816.NoLe},
	} {
		assert.Equal(t, want, hex.EncodeToString(c.Bytes()))
	}
	long := iso7816.Command{Instruction: 1, Data: bytes.Repeat([]byte{1}, 300), Form: iso7816.Extended}.Bytes()
	assert.Equal(t, []byte{0, 1, 0, 0, 0, 1, 0x2C}, long[:7])
	assert.Len(t, long, 7+300+2)
}

func TestResponses(t *testing.T) {
	t.Parallel()
	data, status, ok := iso7816.Split([]byte("U2F_V2\x90\x00"))
	assert.True(t, ok)
	assert.Equal(t, "U2F_V2", string(data))
	assert.Equal(t, uint16(0x9000), status)
	for _, short := range [][]byte{nil, {0x90}} {
		_, _, ok = iso7816.Split(short)
		assert.False(t, ok)
	}
}
