package nfc_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// A card stands any commands in any order and at any time, and works afterwards.
// A script is a list of steps: a byte that says what, an argument, and for a
// command how many bytes of it follow.
func FuzzCard(f *testing.F) {
	for _, say := range []string{selectFIDO, getInfo, poll, cancel, more, "0003000000", "9010000002aabb", "80120100"} {
		command := unhex(f, say)
		f.Add(append([]byte{0, byte(len(command))}, command...))
	}
	f.Add(append(append([]byte{0, 7}, unhex(f, getInfo)...), 1, 20, 0, 5, 0x80, 0x11, 0, 0, 0, 2, 40, 0, 5, 0, 0xC0, 0, 0, 0))
	f.Add(append(append([]byte{0, 7}, unhex(f, getInfo)...), 1, 20, 0, 5, 0x80, 0x11, 0x11, 0, 0, 5, 0, 6, 0, 3, 2))
	f.Fuzz(func(t *testing.T, script []byte) {
		const limit = 300
		r := newSelected(t, nfc.CardConfig{U2F: true, MaxMessage: limit})
		waiting, processing := false, false
		for len(script) >= 2 {
			what, argument := script[0], int(script[1])
			script = script[2:]
			var out nfc.Outcome
			switch what % 7 {
			case 0:
				n := min(argument, len(script))
				before := waiting
				out = r.Card.Command(r.now, bytes.Clone(script[:n]))
				script, waiting = script[n:], true
				require.False(t, before && (out.Response != nil || out.Request != nil), "one command at a time")
			case 1:
				r.now = r.now.Add(time.Duration(argument) * 10 * time.Millisecond)
				out = r.Tick(r.now)
			case 2:
				if r.request != nil {
					out = r.Answer(r.request.ID, make([]byte, argument*40))
					processing = false
				}
			case 3:
				if r.request != nil {
					out = r.SetStatus(r.request.ID, nfc.KeepaliveStatus(1+argument%2))
				}
			case 4:
				if r.request != nil {
					out = r.Fail(r.request.ID)
					processing = false
				}
			case 5:
				out = r.Withdraw()
				waiting = false
			case 6:
				out = r.FieldOff()
				r.FieldOn(r.now)
				waiting = false
			}
			if out.Response != nil {
				require.True(t, waiting, "a response belongs to a command")
				require.GreaterOrEqual(t, len(out.Response), 2)
				waiting = false
			}
			if out.Request != nil {
				require.False(t, processing && !out.Stop, "one request at a time")
				require.NotEmpty(t, out.Request.Payload)
				require.LessOrEqual(t, len(out.Request.Payload), limit+9)
				r.request, processing = out.Request, true
			}
			if out.Stop && out.Request == nil {
				processing = false
			}
			if due := r.Deadline(); !due.IsZero() {
				require.True(t, due.Sub(r.now) <= 100*ms, "what is due is due soon")
			}
		}
		r.FieldOff()
		r.FieldOn(r.now)
		require.Equal(t, unhex(t, "5532465f56329000"), r.say(unhex(t, selectFIDO)))
		require.Equal(t, pattern(limit), r.rest(r.send(pattern(limit), false, 255)))
	})
}

// A reader stands whatever a card says, comes to an end, and works afterwards. A
// script is a list of responses, each after its length.
func FuzzReader(f *testing.F) {
	for _, responses := range []string{"02 9000", "03 00 9000", "04 00aa 6101 03 aa 9000", "03 01 9100 03 00 9000", "02 6700 03 00 9000", "02 6c03 05 00aabb 9000", "02 6100 02 6100", "02 9000 02 6884"} {
		f.Add(unhex(f, responses), uint16(300), false)
		f.Add(unhex(f, responses), uint16(3), true)
	}
	f.Fuzz(func(t *testing.T, script []byte, size uint16, extended bool) {
		r := newReader(t, nfc.ReaderConfig{Extended: extended, MaxResponse: 1000, MaxPolls: 5})
		command, err := r.Send(make([]byte, max(1, size%2000)))
		require.NoError(t, err)
		require.NotEmpty(t, command)
		answer := script
		for commands := 0; ; commands++ {
			require.Less(t, commands, 5000, "it ends, whatever is said")
			if len(answer) < 1 {
				answer = script // again and again
			}
			var response []byte
			if len(answer) > 0 {
				n := min(int(answer[0]), len(answer)-1)
				response, answer = answer[1:1+n], answer[1+n:]
			}
			step, err := r.Response(bytes.Clone(response))
			if step.Done {
				require.LessOrEqual(t, len(step.Payload), 1000)
				require.Equal(t, err != nil, step.Payload == nil)
				break
			}
			require.NoError(t, err)
			if step.Wait {
				step.Next = r.Poll()
			}
			require.NotEmpty(t, step.Next)
		}
		r.Select()
		step, err := r.Response(unhex(t, "4649444f5f325f309000"))
		require.NoError(t, err)
		require.True(t, step.Done)
	})
}

func FuzzReadATR(f *testing.F) {
	f.Add(nfc.ATR())
	f.Add(unhex(f, "3BF511000081 31 fe45 80 730000C0 ff"))
	f.Fuzz(func(t *testing.T, atr []byte) {
		got, err := nfc.ReadATR(atr)
		require.True(t, err == nil || got == nfc.Abilities{})
	})
}
