package ble_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/ble"
)

// commandsIn checks that fragments are whole messages, one after the other, and
// returns the command of each.
func commandsIn(t testing.TB, size int, fragments [][]byte) (commands []byte) {
	t.Helper()
	for len(fragments) > 0 {
		first := fragments[0]
		require.NotZero(t, first[0]&0x80, "a message begins with an initial fragment")
		commands = append(commands, first[0]&0x7f)
		left := int(binary.BigEndian.Uint16(first[1:])) - len(first[3:])
		fragments = fragments[1:]
		for sequence := 0; left > 0; sequence++ {
			require.NotEmpty(t, fragments, "a message is handed out as a whole")
			require.Equal(t, byte(sequence%128), fragments[0][0])
			require.LessOrEqual(t, len(fragments[0]), size)
			left -= len(fragments[0]) - 1
			fragments = fragments[1:]
		}
		require.Zero(t, left)
	}
	return commands
}

// A device stands any writes in any order and at any time, and works afterwards. A
// script is a list of steps: a byte that says what, an argument, and for a write how
// many bytes of it follow.
func FuzzDevice(f *testing.F) {
	f.Add([]byte{0, 4, 0x83, 0, 1, 4, 1, 50, 2, 3})
	f.Add([]byte{0, 4, 0x81, 0, 3, 1, 0, 3, 0, 2, 3, 0, 3, 0xBE, 0, 0})
	f.Add([]byte{5, 0, 0, 4, 0x83, 0, 9, 1, 1, 200, 0, 2, 0, 1, 6, 0x20})
	f.Fuzz(func(t *testing.T, script []byte) {
		r := newRig(t, ble.DeviceConfig{MaxMessage: 2000, Revisions: ble.FIDO2 | ble.U2F12})
		processing := false
		for len(script) >= 2 {
			what, argument := script[0]%7, int(script[1])
			script = script[2:]
			var out ble.Outcome
			switch {
			case what == 0:
				n := min(argument, len(script))
				out = r.Write(r.now, script[:n])
				script = script[n:]
			case what == 1:
				r.now = r.now.Add(time.Duration(argument) * 10 * ms)
				out = r.Tick(r.now)
			case what == 5:
				out = r.Disconnect()
			case what == 6:
				_ = r.WriteRevision([]byte{byte(argument)})
			case r.request == nil:
			case what == 2:
				out = r.Answer(r.request.ID, make([]byte, argument*40))
			case what == 3:
				out = r.SetStatus(r.now, r.request.ID, ble.KeepaliveStatus(1+argument%2))
			case what == 4:
				out = r.Fail(r.request.ID, ble.Error(argument))
			}
			require.NotContains(t, commandsIn(t, 20, out.Fragments), byte(ble.CommandCancel))
			if out.Request != nil {
				require.False(t, processing, "one request at a time")
				require.NotEmpty(t, out.Request.Payload)
				require.LessOrEqual(t, len(out.Request.Payload), 2000)
				r.request, processing = out.Request, true
			}
			if what == 2 || what == 4 || what == 5 {
				processing = false
			}
			if due := r.Deadline(); !due.IsZero() {
				require.LessOrEqual(t, due.Sub(r.now), 1500*ms, "what is due is due soon")
			}
		}
		r.Disconnect()
		r.play(step{write: "81 0001 aa", want: []string{"81 0001 aa"}})
	})
}

// A host stands whatever a device says, and works afterwards.
func FuzzHost(f *testing.F) {
	f.Add([]byte{4, 0x83, 0, 1, 0})
	f.Add([]byte{4, 0x83, 0, 9, 0, 3, 0, 1, 2, 4, 0x82, 0, 1, 2})
	f.Add([]byte{4, 0xBF, 0, 1, 6})
	f.Fuzz(func(t *testing.T, script []byte) {
		h := newHost(t)
		_, err := h.Send(ble.CommandMsg, []byte{4})
		require.NoError(t, err)
		ended := false
		for len(script) > 1 {
			n := min(int(script[0]), len(script)-1)
			event, err := h.Notified(bytes.Clone(script[1 : 1+n]))
			script = script[1+n:]
			require.False(t, ended && event.Heard, "a request ends once")
			require.False(t, err != nil && !event.Done, "an error ends it")
			require.LessOrEqual(t, len(event.Payload), ble.MaxMessage)
			ended = ended || event.Done
		}
		_, err = h.Send(ble.CommandMsg, []byte{4})
		require.NoError(t, err)
		event, err := h.Notified([]byte{0x83, 0, 1, 0})
		require.NoError(t, err)
		require.True(t, event.Done)
	})
}
