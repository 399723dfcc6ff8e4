package ble_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/ble"
)

const ms = time.Millisecond

// The tests speak in bytes, which they lay out and read without the package.

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// pattern is a payload in which every byte tells where it belongs.
func pattern(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i>>8)
	}
	return out
}

// message lays a message out in fragments of a size.
func message(size int, command byte, payload []byte) [][]byte {
	all := []byte{0x80 | command, byte(len(payload) >> 8), byte(len(payload))}
	var fragments [][]byte
	for sequence := 0; ; sequence++ {
		n := min(size-len(all), len(payload))
		fragments = append(fragments, append(all, payload[:n]...))
		if payload = payload[n:]; len(payload) == 0 {
			return fragments
		}
		all = []byte{byte(sequence % 128)}
	}
}

// rig is a device and what happens to it.
type rig struct {
	t testing.TB
	*ble.Device
	now     time.Time
	request *ble.Request // handed out last
}

func newRig(t testing.TB, config ble.DeviceConfig) *rig {
	t.Helper()
	device, err := ble.NewDevice(config)
	require.NoError(t, err)
	return &rig{t: t, Device: device, now: time.Unix(1e9, 0)}
}

// step is one thing that happens to a device, and what should come of it.
type step struct {
	wait   time.Duration // goes by first
	write  string        // to the control point; "" for nothing
	tick   bool
	answer string // to the request handed out last
	fail   ble.Error
	status ble.KeepaliveStatus
	gone   bool // the client disconnects

	want    []string // fragments of the device
	request string   // that is handed out
	stop    bool
}

// play runs steps and holds each to what it wants.
func (r *rig) play(steps ...step) {
	r.t.Helper()
	for i, s := range steps {
		r.now = r.now.Add(s.wait)
		r.hold(i, s, r.happen(s))
	}
}

func (r *rig) happen(s step) ble.Outcome {
	r.t.Helper()
	switch {
	case s.write != "":
		return r.Write(r.now, unhex(r.t, s.write))
	case s.answer != "":
		return r.Answer(r.request.ID, unhex(r.t, s.answer))
	case s.fail != 0:
		return r.Fail(r.request.ID, s.fail)
	case s.status != 0:
		return r.SetStatus(r.now, r.request.ID, s.status)
	case s.gone:
		return r.Disconnect()
	}
	require.True(r.t, s.tick, "an empty step")
	return r.Tick(r.now)
}

func (r *rig) hold(i int, s step, got ble.Outcome) {
	r.t.Helper()
	fragments, want := []string{}, []string{}
	for _, b := range got.Fragments {
		fragments = append(fragments, hex.EncodeToString(b))
	}
	for _, w := range s.want {
		want = append(want, strings.ReplaceAll(w, " ", ""))
	}
	assert.Equal(r.t, want, fragments, "step %d: fragments", i)
	request := ""
	if got.Request != nil {
		r.request, request = got.Request, hex.EncodeToString(got.Request.Payload)
	}
	assert.Equal(r.t, strings.ReplaceAll(s.request, " ", ""), request, "step %d: request", i)
	assert.Equal(r.t, s.stop, got.Stop, "step %d: stop", i)
}
