package nfc_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// send lays a message out in commands of a form, each with up to a number of
// bytes of data, and returns the response to the last.
func (r *rig) send(message []byte, extended bool, fragment int) []byte {
	r.t.Helper()
	if extended {
		command := append([]byte{0x80, 0x10, 0, 0, 0}, byte(len(message)>>8), byte(len(message)))
		return r.say(append(append(command, message...), 0, 0))
	}
	for len(message) > fragment {
		part := append([]byte{0x90, 0x10, 0, 0, byte(fragment)}, message[:fragment]...)
		require.Equal(r.t, []byte{0x90, 0}, r.say(part))
		message = message[fragment:]
	}
	return r.say(append(append([]byte{0x80, 0x10, 0, 0, byte(len(message))}, message...), 0))
}

// say sends a command, and answers the request that comes of it with itself.
func (r *rig) say(command []byte) []byte {
	r.t.Helper()
	out := r.Card.Command(r.now, command)
	if out.Request != nil {
		out = r.Answer(out.Request.ID, out.Request.Payload)
	}
	return out.Response
}

// rest fetches what a response announces.
func (r *rig) rest(response []byte) []byte {
	r.t.Helper()
	all := []byte{}
	for {
		n := len(response) - 2
		require.GreaterOrEqual(r.t, n, 0)
		all = append(all, response[:n]...)
		if response[n] != 0x61 {
			require.Equal(r.t, []byte{0x90, 0x00}, response[n:])
			return all
		}
		require.Equal(r.t, 256, n, "a part is as long as it can be")
		response = r.say([]byte{0x00, 0xC0, 0x00, 0x00, response[n+1]})
	}
}

// Every form carries every length (CTAP 2.3 §11.3.5, §11.3.6).
func TestFormsAndLengths(t *testing.T) {
	t.Parallel()
	const limit = 1200
	for _, n := range []int{1, 2, 239, 240, 241, 254, 255, 256, 257, 511, 512, 513, 1023, 1024, limit - 1, limit, limit + 1, limit + 300} {
		for _, form := range []struct {
			extended bool
			fragment int
		}{{extended: true}, {fragment: 255}, {fragment: 250}, {fragment: 240}, {fragment: 1}, {fragment: 7}} {
			t.Run(fmt.Sprintf("%d bytes, extended %t, by %d", n, form.extended, form.fragment), func(t *testing.T) {
				t.Parallel()
				r := newSelected(t, nfc.CardConfig{MaxMessage: limit})
				want := pattern(n)
				if n > limit {
					want = []byte{0x39} // REQUEST_TOO_LARGE
				}
				response := r.send(pattern(n), form.extended, form.fragment)
				if form.extended {
					assert.Equal(t, append(bytes.Clone(want), 0x90, 0x00), response, "in one")
				} else {
					assert.Equal(t, want, r.rest(response))
				}
				assert.Equal(t, []byte{1, 0x90, 0}, r.send([]byte{1}, false, 255), "it works afterwards")
			})
		}
	}
}

// What is asked for at a time is what comes, in parts of any size.
func TestAnswersInParts(t *testing.T) {
	t.Parallel()
	r := newSelected(t, nfc.CardConfig{})
	first := r.say(append([]byte{0x80, 0x10, 0, 0, 0, 0x02, 0x00}, append(pattern(512), 0x01, 0x00)...)) // extended, Le 256
	assert.Equal(t, append(pattern(512)[:256:256], 0x61, 0x00), first)
	assert.Equal(t, append(pattern(512)[256:266:266], 0x61, 246), r.say(unhex(t, "80c000000a")), "class 80")
	assert.Equal(t, append(pattern(512)[266:300:300], 0x61, 212), r.say(unhex(t, "00c00000000022")), "extended")
	assert.Equal(t, append(pattern(512)[300:], 0x90, 0x00), r.say(unhex(t, "00c0000000")))
	assert.Equal(t, []byte{0x69, 0x85}, r.say(unhex(t, "00c0000000")), "nothing is left")

	for name, other := range map[string]string{
		"a poll": poll, "an unknown instruction": "8013000000", "half a command": "80", "another request": "80100000010100", "selecting": selectFIDO,
	} {
		require.Equal(t, byte(0x61), r.send(pattern(300), false, 255)[256], name)
		r.say(unhex(t, other))
		assert.Equal(t, []byte{0x69, 0x85}, r.say(unhex(t, more)), name)
	}
}

// A chain is gone when anything else comes.
func TestInterruptedChains(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{
		"another P1":              "9010800001ee",
		"a poll":                  poll,
		"GET RESPONSE":            more,
		"an unknown instruction":  "8013000000",
		"half a command":          "9010",
		"lengths that disagree":   "9010000005ee",
		"selecting":               selectFIDO,
		"U2F":                     "0003000000",
		"a part of a U2F command": "1002030001ee",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newSelected(t, nfc.CardConfig{U2F: true})
			require.Equal(t, []byte{0x90, 0}, r.say(unhex(t, "9010000002aabb")))
			r.say(unhex(t, other))
			assert.Equal(t, unhex(t, "ccdd9000"), r.say(unhex(t, "8010000002ccdd00")))
		})
	}
	t.Run("power", func(t *testing.T) {
		t.Parallel()
		r := newSelected(t, nfc.CardConfig{})
		r.say(unhex(t, "9010000002aabb"))
		r.FieldOff()
		r.FieldOn(r.now)
		r.say(unhex(t, selectFIDO))
		assert.Equal(t, unhex(t, "ccdd9000"), r.say(unhex(t, "8010000002ccdd00")))
	})
	t.Run("an empty part is a part", func(t *testing.T) {
		t.Parallel()
		r := newSelected(t, nfc.CardConfig{})
		r.say(unhex(t, "9010000002aabb"))
		assert.Equal(t, []byte{0x90, 0}, r.say(unhex(t, "90100000")))
		assert.Equal(t, unhex(t, "aabb9000"), r.say(unhex(t, "8010000000")))
	})
}

// U2F commands longer than a short APDU come in parts too, and reach the device
// as one.
func TestU2FInParts(t *testing.T) {
	t.Parallel()
	r := newSelected(t, nfc.CardConfig{U2F: true})
	data := pattern(320)
	require.Equal(t, []byte{0x90, 0}, r.say(append([]byte{0x10, 2, 3, 0, 250}, data[:250]...)))
	out := r.Card.Command(r.now, append(append([]byte{0, 2, 3, 0, 70}, data[250:]...), 0))
	require.NotNil(t, out.Request)
	whole := binary.BigEndian.AppendUint16([]byte{0, 2, 3, 0, 0}, 320)
	assert.Equal(t, append(append(whole, data...), 0, 0), out.Request.Payload)
	answer := append(pattern(700), 0x90, 0x00)
	assert.Equal(t, pattern(700), r.rest(r.Answer(out.Request.ID, answer).Response))

	r = newSelected(t, nfc.CardConfig{U2F: true, MaxMessage: 100})
	require.Equal(t, []byte{0x90, 0}, r.say(append([]byte{0x10, 2, 3, 0, 99}, data[:99]...)))
	assert.Equal(t, []byte{0x67, 0}, r.say(append([]byte{0, 2, 3, 0, 2}, data[:2]...)))
}
