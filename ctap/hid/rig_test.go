package hid_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// The tests speak in bytes, which they lay out and read without the package.

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// report fills bytes up to the size of a report.
func report(t testing.TB, size int, s string) []byte {
	t.Helper()
	b := unhex(t, s)
	require.LessOrEqual(t, len(b), size)
	return append(b, make([]byte, size-len(b))...)
}

// pattern is a payload in which every byte tells where it belongs.
func pattern(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i>>8)
	}
	return out
}

// rig is a device of 64-byte reports with the channels 1 and 2 given out.
type rig struct {
	t testing.TB
	*hid.Device
	now     time.Time
	request *hid.Request // handed out last
}

const everything = hid.CanCBOR | hid.CanLock | hid.CanWink

func newRig(t testing.TB, config hid.DeviceConfig) *rig {
	t.Helper()
	device, err := hid.NewDevice(config)
	require.NoError(t, err)
	return &rig{t: t, Device: device, now: time.Unix(1e9, 0)}
}

func newUsualRig(t testing.TB) *rig {
	t.Helper()
	r := newRig(t, hid.DeviceConfig{Capabilities: everything})
	for _, channel := range []string{"00000001", "00000002"} {
		out := r.Device.Report(r.now, report(t, 64, "ffffffff 86 0008 0102030405060708"))
		require.Len(t, out.Reports, 1)
		require.Equal(t, unhex(t, channel), out.Reports[0][15:19])
	}
	return r
}

// step is one thing that happens to a device, and what should come of it.
type step struct {
	wait   time.Duration // goes by first
	report string        // of the host; "" for none
	tick   bool
	answer string // to the request handed out last
	fail   hid.Error
	status hid.KeepaliveStatus
	free   hid.Channel // is released

	want    []string // reports of the device, without padding
	request string   // that is handed out: command and payload
	stop    bool
	wink    bool
}

// play runs steps and holds each to what it wants.
func (r *rig) play(steps ...step) {
	r.t.Helper()
	for i, s := range steps {
		r.now = r.now.Add(s.wait)
		r.hold(i, s, r.happen(s))
	}
}

func (r *rig) happen(s step) hid.Outcome {
	r.t.Helper()
	switch {
	case s.report != "":
		return r.Device.Report(r.now, report(r.t, 64, s.report))
	case s.answer != "":
		return r.Answer(r.request.ID, unhex(r.t, s.answer))
	case s.fail != 0:
		return r.Fail(r.request.ID, s.fail)
	case s.status != 0:
		return r.SetStatus(r.now, r.request.ID, s.status)
	case s.free != 0:
		return r.Release(s.free)
	}
	require.True(r.t, s.tick, "an empty step")
	return r.Tick(r.now)
}

func (r *rig) hold(i int, s step, got hid.Outcome) {
	r.t.Helper()
	reports := []string{}
	for _, b := range got.Reports {
		require.Len(r.t, b, 64)
		reports = append(reports, hex.EncodeToString(b))
	}
	want := []string{}
	for _, w := range s.want {
		want = append(want, hex.EncodeToString(report(r.t, 64, w)))
	}
	assert.Equal(r.t, want, reports, "step %d: reports", i)
	request := ""
	if got.Request != nil {
		r.request = got.Request
		request = hex.EncodeToString(append([]byte{byte(got.Request.Command)}, got.Request.Payload...))
	}
	assert.Equal(r.t, strings.ReplaceAll(s.request, " ", ""), request, "step %d: request", i)
	assert.Equal(r.t, s.stop, got.Stop, "step %d: stop", i)
	assert.Equal(r.t, s.wink, got.Wink, "step %d: wink", i)
}

// message lays a message out in reports of a size.
func message(size int, channel hid.Channel, command byte, payload []byte) [][]byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(channel))
	all := append(append(head[:4:4], 0x80|command), byte(len(payload)>>8), byte(len(payload)))
	var reports [][]byte
	for sequence := byte(0); ; sequence++ {
		n := min(size-len(all), len(payload))
		all = append(all, payload[:n]...)
		reports = append(reports, append(all, make([]byte, size-len(all))...))
		if payload = payload[n:]; len(payload) == 0 {
			return reports
		}
		all = append(head[:4:4], sequence)
	}
}

// exchange sends a message and returns the reports that came of it.
func (r *rig) exchange(channel hid.Channel, command byte, payload []byte, size int) [][]byte {
	r.t.Helper()
	var out [][]byte
	for _, b := range message(size, channel, command, payload) {
		outcome := r.Device.Report(r.now, b)
		out = append(out, outcome.Reports...)
		if outcome.Request != nil {
			r.request = outcome.Request
		}
	}
	return out
}
