package ble_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/ble"
)

// How each kind of fragment fares in each state (§11.4).
func TestTransactions(t *testing.T) {
	t.Parallel()
	ping := step{write: "81 0001 aa", want: []string{"81 0001 aa"}}
	half := step{write: "81 0003 01"}
	rest := step{write: "00 0203", want: []string{"81 0003 010203"}}
	waiting := step{write: "83 0001 04", request: "04"}
	over := step{answer: "00", want: []string{"83 0001 00"}}
	refused := func(write string, code byte) step {
		return step{write: write, want: []string{fmt.Sprintf("bf 0001 %02x", code)}}
	}

	for rule, steps := range map[string][]step{
		"idle: ping of nothing":                      {{write: "81 0000", want: []string{"81 0000"}}},
		"idle: a continuation is ignored":            {{write: "00 aabb"}, {write: "05"}, ping},
		"idle: a fragment without a length":          {refused("83", 3), refused("83 00", 3), ping},
		"idle: a fragment longer than the point":     {refused("83 0300"+strings.Repeat("00", 510), 3), ping},
		"idle: unknown command":                      {refused("84 0000", 1), refused("c0 0001 00", 1), ping},
		"idle: keepalive and error from the client":  {refused("82 0001 01", 1), refused("bf 0001 01", 1), ping},
		"idle: cancel is ignored":                    {{write: "be 0000"}, ping},
		"idle: message of nothing":                   {refused("83 0000", 3), ping},
		"idle: longer than is taken":                 {refused("81 03e9", 3), {write: "81 03e8"}},
		"idle: more than was announced":              {refused("81 0001 aabb", 3), ping},
		"assembling: the expected fragment":          {half, rest, ping},
		"assembling: byte by byte":                   {half, {write: "00 02"}, {write: "01 03", want: []string{"81 0003 010203"}}},
		"assembling: a fragment left out":            {half, refused("01 02", 4), {write: "00 02"}, ping},
		"assembling: a fragment again":               {half, {write: "00 02"}, refused("00 02", 4), ping},
		"assembling: another message":                {half, refused("81 0001 aa", 4), {write: "00 0203"}, ping},
		"assembling: an initial fragment cut short":  {half, refused("81", 4), ping},
		"assembling: more than was announced":        {half, refused("00 020304", 3), ping},
		"assembling: a continuation without data":    {half, refused("00", 3), ping},
		"assembling: a continuation that is long":    {half, refused("00"+strings.Repeat("00", 512), 3), ping},
		"assembling: cancel":                         {half, {write: "be 0000"}, rest},
		"assembling: silence":                        {half, {wait: 1499 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"bf 0001 05"}}, {tick: true}, {write: "00 0203"}, ping},
		"assembling: each fragment buys time":        {half, {wait: 1499 * ms, write: "00 02"}, {wait: 1499 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"bf 0001 05"}}},
		"assembling: silence noticed when it ends":   {half, {wait: 2 * time.Second, write: "81 0000", want: []string{"bf 0001 05", "81 0000"}}},
		"assembling: the client leaves":              {half, {gone: true}, {write: "00 0203"}, ping},
		"processing: another message":                {waiting, refused("83 0001 04", 6), refused("81", 6), over, ping},
		"processing: a continuation is ignored":      {waiting, {write: "00 01"}, over},
		"processing: cancel":                         {waiting, {write: "be 0000", stop: true}, {answer: "2d", want: []string{"83 0001 2d"}}, ping},
		"processing: success races cancel":           {waiting, {write: "be 0000", stop: true}, over},
		"processing: cancel with bytes":              {waiting, {write: "be 0001 00"}, over},
		"processing: it fails":                       {waiting, {fail: ble.Other, want: []string{"bf 0001 7f"}}, ping},
		"processing: it ends twice":                  {waiting, over, {answer: "00"}, {fail: ble.Other}, {status: ble.UserNeeded}},
		"processing: the client leaves":              {waiting, {gone: true, stop: true}, {answer: "00"}, ping},
		"processing: keepalives":                     {waiting, {wait: 499 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"82 0001 01"}}, {wait: 500 * ms, tick: true, want: []string{"82 0001 01"}}, over, {wait: time.Minute, tick: true}},
		"processing: a touch is needed, and was had": {waiting, {wait: 100 * ms, status: ble.UserNeeded, want: []string{"82 0001 02"}}, {status: ble.UserNeeded}, {wait: 499 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"82 0001 02"}}, {status: ble.Processing, want: []string{"82 0001 01"}}, over},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			newRig(t, ble.DeviceConfig{MaxMessage: 1000}).play(steps...)
		})
	}
}

// Messages of any size through fragments of any size, where sequence numbers start
// again after 0x7F.
func TestFragmentsOfAnySize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{20, 21, 64, 244, 511, 512} {
		for _, n := range []int{0, 1, size - 3, size - 2, size - 3 + size - 1, 3000, ble.MaxMessage} {
			r := newRig(t, ble.DeviceConfig{ControlPoint: ble.ControlPointLength(size)})
			r.SetMTU(size + 3)
			var got [][]byte
			for _, fragment := range message(size, 1, pattern(n)) {
				got = append(got, r.Write(r.now, fragment).Fragments...)
			}
			require.Equal(t, message(size, 1, pattern(n)), got, "%d bytes in fragments of %d", n, size)
			fragments, err := ble.Split(size, ble.CommandPing, pattern(n))
			require.NoError(t, err)
			require.Equal(t, got, fragments)
		}
	}
	for _, size := range []int{0, 19, 513} {
		_, err := ble.Split(size, ble.CommandPing, nil)
		require.ErrorContains(t, err, "20 to 512")
	}
	_, err := ble.Split(20, ble.CommandPing, pattern(ble.MaxMessage+1))
	require.ErrorContains(t, err, "65535")
}

// Before an ATT_MTU is agreed on, notifications have the size that always fits.
func TestNotificationsFollowTheMTU(t *testing.T) {
	t.Parallel()
	r := newRig(t, ble.DeviceConfig{})
	lengths := func() (all []int) {
		for _, fragment := range r.Write(r.now, message(512, 1, pattern(100))[0]).Fragments {
			all = append(all, len(fragment))
		}
		return all
	}
	assert.Equal(t, []int{20, 20, 20, 20, 20, 8}, lengths())
	r.SetMTU(67)
	assert.Equal(t, []int{64, 40}, lengths())
	r.Disconnect()
	assert.Equal(t, []int{20, 20, 20, 20, 20, 8}, lengths(), "the next client")
	assert.Equal(t, 20, ble.NotificationSize(0))
	assert.Equal(t, 512, ble.NotificationSize(517))
}

// An answer that fragments cannot carry is an error to the client.
func TestAnswersTooLong(t *testing.T) {
	t.Parallel()
	r := newRig(t, ble.DeviceConfig{})
	r.play(step{write: "83 0001 04", request: "04"})
	r.hold(1, step{want: []string{"bf 0001 7f"}}, r.Answer(r.request.ID, make([]byte, ble.MaxMessage+1)))
	r.play(step{write: "81 0000", want: []string{"81 0000"}})
}

func TestRevisions(t *testing.T) {
	t.Parallel()
	r := newRig(t, ble.DeviceConfig{Revisions: ble.FIDO2 | ble.U2F11})
	assert.Equal(t, []byte{0xA0}, r.ReadRevisions())
	asked := func() ble.Revision {
		out := r.Write(r.now, unhex(t, "83 0001 00"))
		r.Answer(out.Request.ID, []byte{0})
		return out.Request.Revision
	}
	assert.Equal(t, ble.FIDO2, asked(), "the newest, unless told otherwise")
	require.NoError(t, r.WriteRevision([]byte{0x80}))
	assert.Equal(t, ble.U2F11, asked())
	for _, bad := range [][]byte{nil, {}, {0}, {0xA0}, {0x40}, {0x10}, {0x20, 0}} {
		require.ErrorIs(t, r.WriteRevision(bad), ble.ErrRevision, "% X", bad)
	}
	assert.Equal(t, ble.U2F11, asked(), "what was chosen stays")
	r.Disconnect()
	assert.Equal(t, ble.FIDO2, asked(), "it was another's choice")
}

func TestDeviceConfig(t *testing.T) {
	t.Parallel()
	device, err := ble.NewDevice(ble.DeviceConfig{})
	require.NoError(t, err)
	assert.Equal(t, []byte{0x02, 0x00}, device.ReadControlPointLength())
	assert.Equal(t, []byte{0x20}, device.ReadRevisions())
	assert.True(t, device.Deadline().IsZero())
	for _, config := range []ble.DeviceConfig{
		{ControlPoint: 19}, {ControlPoint: 513}, {Patience: -1}, {Keepalive: -1}, {MaxMessage: -1}, {MaxMessage: 65536}, {Revisions: 0x10},
	} {
		_, err := ble.NewDevice(config)
		require.Error(t, err, "%+v", config)
	}
}

func TestCharacteristics(t *testing.T) {
	t.Parallel()
	length, err := ble.DecodeControlPointLength([]byte{0x01, 0x00})
	require.NoError(t, err)
	assert.EqualValues(t, 256, length)
	for _, bad := range [][]byte{nil, {20}, {0, 19}, {2, 1}, {0, 20, 0}} {
		_, err := ble.DecodeControlPointLength(bad)
		require.ErrorIs(t, err, ble.ErrProtocol)
	}
	revisions, err := ble.DecodeRevisions([]byte{0xE0, 1})
	require.NoError(t, err)
	assert.Equal(t, ble.FIDO2, revisions.Newest())
	assert.Equal(t, ble.U2F12, (ble.U2F11 | ble.U2F12).Newest())
	assert.Zero(t, ble.Revision(0x01).Newest())
	_, err = ble.DecodeRevisions(nil)
	require.ErrorIs(t, err, ble.ErrProtocol)
}

func TestWords(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "MSG", ble.CommandMsg.String())
	assert.Equal(t, "BLE command 0x84", ble.Command(4).String())
	assert.Equal(t, "BLE ERR_BUSY", ble.Busy.Error())
	assert.Equal(t, "BLE error 0x0C", ble.Error(0x0C).Error())
}
