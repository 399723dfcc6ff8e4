package nfc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// Commands pass Heard, and responses of every kind pass Said; what has none does
// not.
func TestSeams(t *testing.T) {
	t.Parallel()
	said := 0
	r := newRig(t, nfc.CardConfig{Seams: []nfc.Seams{{
		Heard: func(command []byte) []byte {
			if command[1] == 0x12 {
				return unhex(t, selectFIDO)
			}
			return command
		},
		Said: func(response []byte) []byte { said++; return append([]byte{0xAA}, response...) },
	}}})
	assert.Equal(t, unhex(t, "AA 4649444f5f325f30 9000"), r.Command(r.now, unhex(t, "80 12 01 00 00")).Response)
	out := r.Command(r.now, unhex(t, getInfo))
	assert.Nil(t, out.Response)
	assert.Equal(t, unhex(t, "AA 01 9100"), r.Tick(r.Deadline()).Response)
	r.Command(r.now, unhex(t, poll))
	assert.Equal(t, unhex(t, "AA 02 9100"), r.SetStatus(out.Request.ID, nfc.UserNeeded).Response)
	r.Command(r.now, unhex(t, poll))
	assert.Equal(t, unhex(t, "AA 00 9000"), r.Answer(out.Request.ID, []byte{0}).Response)
	assert.Equal(t, unhex(t, "AA 6d00"), r.Command(r.now, unhex(t, "80 13 00 00 00")).Response)
	out = r.Command(r.now, unhex(t, getInfo))
	assert.Equal(t, unhex(t, "AA 6f00"), r.Fail(out.Request.ID).Response)
	assert.Equal(t, 6, said)
}
