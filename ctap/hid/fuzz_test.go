package hid_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// frames checks that reports are whole messages, one after the other, and
// returns the command of each.
func frames(t testing.TB, size int, reports [][]byte) []byte {
	t.Helper()
	var commands []byte
	for len(reports) > 0 {
		first := reports[0]
		require.Len(t, first, size)
		require.NotZero(t, first[4]&0x80, "a message begins with an initialisation packet")
		commands = append(commands, first[4]&0x7f)
		left := int(binary.BigEndian.Uint16(first[5:])) - (size - 7)
		reports = reports[1:]
		for sequence := byte(0); left > 0; sequence++ {
			require.NotEmpty(t, reports, "a message is handed out as a whole")
			require.Equal(t, append(bytes.Clone(first[:4]), sequence), reports[0][:5])
			left -= size - 5
			reports = reports[1:]
		}
	}
	return commands
}

// A device stands any reports in any order and at any time, and works
// afterwards. A script is a list of steps: a byte that says what, an argument,
// and for a report how many bytes of it follow.
func FuzzDevice(f *testing.F) {
	f.Add([]byte{0, 9, 0, 0, 0, 1, 0x90, 0, 1, 4, 0, 1, 10, 3, 1, 2, 0})
	f.Add([]byte{0, 7, 0, 0, 0, 1, 0x81, 0, 70, 0, 5, 0, 0, 0, 1, 0, 0, 7, 0, 0, 0, 2, 0x81, 0, 0, 1, 200})
	f.Add([]byte{0, 15, 0xff, 0xff, 0xff, 0xff, 0x86, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 8, 0, 0, 0, 1, 0x84, 0, 1, 5})
	f.Fuzz(func(t *testing.T, script []byte) {
		r := newUsualRig(t)
		processing := false
		for len(script) >= 2 {
			what, argument := script[0], int(script[1])
			script = script[2:]
			var out hid.Outcome
			switch what % 6 {
			case 0:
				n := min(argument%65, len(script))
				out = r.Device.Report(r.now, append(bytes.Clone(script[:n]), make([]byte, 64-n)...))
				script = script[n:]
			case 1:
				r.now = r.now.Add(time.Duration(argument) * 10 * time.Millisecond)
				out = r.Tick(r.now)
			case 2:
				if r.request != nil {
					out = r.Answer(r.request.ID, make([]byte, argument*40))
				}
			case 3:
				if r.request != nil {
					out = r.SetStatus(r.now, r.request.ID, hid.KeepaliveStatus(1+argument%2))
				}
			case 4:
				if r.request != nil {
					out = r.Fail(r.request.ID, hid.Error(argument))
				}
			case 5:
				out = r.Release(hid.Channel(argument))
			}
			commands := frames(t, 64, out.Reports)
			require.NotContains(t, commands, byte(hid.CommandCancel))
			if out.Request != nil {
				require.False(t, processing && !out.Stop, "one transaction at a time")
				require.NotEmpty(t, out.Request.Payload)
				r.request, processing = out.Request, true
			}
			if ends := what%6 == 2 || what%6 == 4; ends || out.Stop && (what%6 == 5 || len(commands) > 0) {
				processing = false // answered, failed, released or synchronised; CANCEL sends nothing
			}
			if due := r.Deadline(); !due.IsZero() {
				require.True(t, due.Sub(r.now) <= 600*time.Millisecond, "what is due is due soon")
			}
		}
		r.now = r.now.Add(time.Minute)
		r.Tick(r.now)
		if r.request != nil {
			r.Fail(r.request.ID, hid.Other)
		}
		opened := r.exchange(hid.Broadcast, 0x06, pattern(8), 64)
		require.Equal(t, []byte{0x06}, frames(t, 64, opened))
		channel := hid.Channel(binary.BigEndian.Uint32(opened[0][15:]))
		require.Equal(t, message(64, channel, 0x01, pattern(100)), r.exchange(channel, 0x01, pattern(100), 64))
	})
}

// A host stands whatever a device says, and works afterwards.
func FuzzHost(f *testing.F) {
	f.Add(unhex(f, "07 00000007 90 0001 00"))
	f.Add(unhex(f, "07 00000007 90 003b 00 05 00000007 00 0102 08 00000007 bb 0001 02"))
	f.Add(unhex(f, "12 00000007 86 0011 0102030405060708 00000007 02 08 00000007 bf 0001 06"))
	f.Fuzz(func(t *testing.T, script []byte) {
		h := openHost(t)
		_, err := h.Send(hid.CommandCBOR, []byte{4})
		require.NoError(t, err)
		ended := false
		for len(script) > 1 {
			n := min(int(script[0])%65, len(script)-1)
			event, err := h.Report(append(bytes.Clone(script[1:1+n]), make([]byte, 64-n)...))
			script = script[1+n:]
			require.False(t, ended && event.Heard, "a transaction ends once")
			require.False(t, err != nil && !event.Done, "an error ends it")
			require.LessOrEqual(t, len(event.Payload), hid.Capacity(64))
			ended = ended || event.Done
		}
		h.Open(nonce)
		event, err := h.Report(report(t, 64, "00000007 86 0011 0102030405060708 00000007 02 030405 0c"))
		require.NoError(t, err)
		require.True(t, event.Done)
	})
}

// talker is one of several hosts at one device.
type talker struct {
	*hid.Host
	channel hid.Channel
	sends   [][]byte // still to be sent
	asked   []byte   // the payload of the last request
}

// bus is a device and its hosts, all of which see every report of the device.
type bus struct {
	*rig
	talkers []*talker
}

func newBus(t *testing.T, hosts int) *bus {
	t.Helper()
	b := &bus{rig: newRig(t, hid.DeviceConfig{Capabilities: everything})}
	for range hosts {
		h, err := hid.NewHost(hid.HostConfig{})
		require.NoError(t, err)
		b.talkers = append(b.talkers, &talker{Host: h})
	}
	for i, k := range b.talkers {
		k.sends = k.Open(hid.Nonce{byte(i)})
		b.deliver(k)
		k.channel = k.Info().Channel
		require.Equal(t, hid.Channel(i+1), k.channel)
	}
	return b
}

// Whoever talks at the same time, in whatever order the packets come: each host
// gets its own answers and errors and nobody else's.
func FuzzInterleavedChannels(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2, 0, 1, 0, 1, 2, 2, 9, 9})
	f.Add([]byte{0x40, 0x41, 0, 1, 0, 1, 0x82, 0x92, 1, 2, 0, 0, 0xff, 3, 3, 0xe1})
	f.Fuzz(func(t *testing.T, script []byte) {
		b := newBus(t, 3)
		for at, what := range script {
			who := int(what) % len(b.talkers)
			k := b.talkers[who]
			switch {
			case len(k.sends) > 0: // goes on with what it is at
			case what >= 0xf0:
				b.now = b.now.Add(time.Second)
				b.spread(b.Tick(b.now))
				continue
			case what >= 0xe0 && b.request != nil:
				b.spread(b.Answer(b.request.ID, echo(b.request.Payload)))
				continue
			case what >= 0xc0:
				k.sends = k.Cancel()
			default:
				k.ask(t, append([]byte{byte(who), byte(at)}, pattern(int(what)*3)...), what&0x40 != 0)
			}
			b.deliver(k)
		}
	})
}

func (k *talker) ask(t *testing.T, payload []byte, cbor bool) {
	t.Helper()
	command := hid.CommandPing
	if cbor {
		command = hid.CommandCBOR
	}
	var err error
	k.asked = payload
	k.sends, err = k.Send(command, payload)
	require.NoError(t, err)
}

// echo is what the device of this test answers a request with.
func echo(payload []byte) []byte { return append([]byte{0}, payload...) }

// deliver brings the next report of a host to the device.
func (b *bus) deliver(k *talker) {
	b.t.Helper()
	next := k.sends[0]
	k.sends = k.sends[1:]
	out := b.Device.Report(b.now, next)
	if out.Request != nil {
		require.Equal(b.t, k.channel, out.Request.Channel)
		require.Equal(b.t, k.asked, out.Request.Payload)
		b.request = out.Request
	}
	b.spread(out)
}

// spread shows all hosts what the device sends.
func (b *bus) spread(out hid.Outcome) {
	b.t.Helper()
	frames(b.t, 64, out.Reports)
	for _, report := range out.Reports {
		for i, k := range b.talkers {
			event, err := k.Report(report)
			require.NotErrorIs(b.t, err, hid.ErrProtocol, "host %d", i)
			if event.Done && err == nil && k.channel != 0 {
				require.Contains(b.t, [][]byte{k.asked, echo(k.asked)}, event.Payload, "host %d has an answer that is not its own", i)
			}
		}
	}
}
