package hid_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

const ms = time.Millisecond

// How each kind of report fares in each state (§11.2.5).
func TestTransactions(t *testing.T) {
	t.Parallel()
	busy := func(channel string) []string { return []string{channel + " bf 0001 06"} }
	ping := step{report: "00000001 81 0001 aa", want: []string{"00000001 81 0001 aa"}}
	half := step{report: "00000001 81 003b"}                         // 59 bytes, 2 of them in the next packet
	rest := step{report: "00000001 00 0102"}                         // the next packet
	waiting := step{report: "00000001 90 0001 04", request: "10 04"} // CBOR in processing
	over := step{answer: "00", want: []string{"00000001 90 0001 00"}}
	whole := message(64, 1, 0x01, append(make([]byte, 57), 1, 2))
	rest.want = []string{hexed(whole[0]), hexed(whole[1])}

	for _, c := range []struct {
		section, rule string
		steps         []step
	}{
		{"11.2.5.4", "idle: a continuation is ignored", []step{{report: "00000001 00 aabb"}, ping}},
		{"11.2.5.4", "idle: a continuation on an unknown channel is ignored", []step{{report: "00000009 00 aabb"}, ping}},
		{"11.2.4", "idle: longer than can be carried", []step{{report: "00000001 81 1dba", want: []string{"00000001 bf 0001 03"}}, {report: "00000001 00 aa"}, ping}},
		{"11.2.9.1.6", "idle: unknown command", []step{{report: "00000001 e6 0000", want: []string{"00000001 bf 0001 01"}}, ping}},
		{"11.2.9.1.6", "idle: unknown command before an impossible length", []step{{report: "00000001 e6 ffff", want: []string{"00000001 bf 0001 01"}}}},
		{"11.2.9.3", "idle: vendor command", []step{{report: "00000001 c1 0000", want: []string{"00000001 bf 0001 01"}}}},
		{"11.2.9.1.7", "idle: keepalive from the host", []step{{report: "00000001 bb 0001 01", want: []string{"00000001 bf 0001 01"}}}},
		{"11.2.9.1.6", "idle: error from the host", []step{{report: "00000001 bf 0001 01", want: []string{"00000001 bf 0001 01"}}}},
		{"11.2.9.1.5", "idle: cancel is ignored", []step{{report: "00000001 91 0000"}, ping}},

		{"11.2.3", "any: channel 0", []step{{report: "00000000 81 0000", want: []string{"00000000 bf 0001 0b"}}}},
		{"11.2.3", "any: channel 0 with INIT", []step{{report: "00000000 86 0008 0102030405060708", want: []string{"00000000 bf 0001 0b"}}}},
		{"11.2.3", "any: broadcast with PING", []step{{report: "ffffffff 81 0000", want: []string{"ffffffff bf 0001 0b"}}}},
		{"11.2.3", "any: broadcast with CANCEL", []step{{report: "ffffffff 91 0000", want: []string{"ffffffff bf 0001 0b"}}}},
		{"11.2.3", "any: a channel that was not given out", []step{{report: "00000009 81 0000", want: []string{"00000009 bf 0001 0b"}}}},
		{"11.2.3", "any: INIT on a channel that was not given out", []step{{report: "00000009 86 0008 0102030405060708", want: []string{"00000009 bf 0001 0b"}}}},
		{"11.2.3", "any: also while another is busy", []step{waiting, {report: "00000009 81 0000", want: []string{"00000009 bf 0001 0b"}}, over}},

		{"11.2.4", "assembling: the expected packet", []step{half, rest, ping}},
		{"11.2.4", "assembling: a packet left out", []step{half, {report: "00000001 01 0102", want: []string{"00000001 bf 0001 04"}}, {report: "00000001 00 0102"}, ping}},
		{"11.2.4", "assembling: a packet again", []step{
			{report: "00000001 81 0075"}, {report: "00000001 00 01"}, {report: "00000001 00 01", want: []string{"00000001 bf 0001 04"}}, ping}},
		{"11.2.5.3", "assembling: INIT on the channel", []step{half, {report: "00000001 86 0008 0102030405060708", want: []string{"00000001 86 0011 0102030405060708 00000001 02 000000 07"}}, {report: "00000001 00 0102"}, ping}},
		{"11.2.9.1.5", "assembling: CANCEL on the channel", []step{half, {report: "00000001 91 0000"}, rest}},
		{"11.2.4", "assembling: another message on the channel", []step{half, {report: "00000001 81 0001 aa", want: []string{"00000001 bf 0001 04"}}, ping}},
		{"11.2.5.1", "assembling: a message on another channel", []step{half, {report: "00000002 81 0001 aa", want: busy("00000002")}, rest}},
		{"11.2.5.1", "assembling: INIT on another channel", []step{half, {report: "00000002 86 0008 0102030405060708", want: busy("00000002")}, rest}},
		{"11.2.5.1", "assembling: INIT on broadcast", []step{half, {report: "ffffffff 86 0008 0102030405060708", want: busy("ffffffff")}, rest}},
		{"11.2.5.4", "assembling: a continuation on another channel", []step{half, {report: "00000002 00 0102"}, rest}},
		{"11.2.5.2", "assembling: silence", []step{
			half, {wait: 599 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"00000001 bf 0001 05"}}, {tick: true}, ping}},
		{"11.2.5.2", "assembling: each packet buys time", []step{
			{report: "00000001 81 0076"}, {wait: 599 * ms, report: "00000001 00"}, {wait: 599 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"00000001 bf 0001 05"}}}},
		{"11.2.5.2", "assembling: silence noticed by the next report", []step{
			half, {wait: time.Second, report: "00000002 81 0000", want: []string{"00000001 bf 0001 05", "00000002 81 0000"}}}},

		{"11.2.9.1.5", "processing: CANCEL on the channel", []step{waiting, {report: "00000001 91 0000", stop: true}, {answer: "2d", want: []string{"00000001 90 0001 2d"}}, ping}},
		{"11.2.9.1.5", "processing: success races CANCEL", []step{waiting, {report: "00000001 91 0000", stop: true}, over}},
		{"11.2.9.1.5", "processing: CANCEL with bytes", []step{waiting, {report: "00000001 91 0001 00"}, over}},
		{"11.2.9.1.5", "processing: CANCEL on another channel", []step{waiting, {report: "00000002 91 0000"}, over}},
		{"11.2.9.1.5", "processing: CANCEL during MSG", []step{{report: "00000001 83 0001 00", request: "03 00"}, {report: "00000001 91 0000"}, {answer: "9000", want: []string{"00000001 83 0002 9000"}}}},
		{"11.2.5.3", "processing: INIT on the channel", []step{
			waiting, {report: "00000001 86 0008 0102030405060708", stop: true, want: []string{"00000001 86 0011 0102030405060708 00000001 02 000000 07"}},
			{answer: "00"}, {fail: hid.Other}, {status: hid.UserNeeded}, ping}},
		{"11.2.5.1", "processing: another message on the channel", []step{waiting, {report: "00000001 81 0000", want: busy("00000001")}, over}},
		{"11.2.5.1", "processing: a message on another channel", []step{waiting, {report: "00000002 81 0000", want: busy("00000002")}, over}},
		{"11.2.5.1", "processing: INIT on broadcast", []step{waiting, {report: "ffffffff 86 0008 0102030405060708", want: busy("ffffffff")}, over}},
		{"11.2.5.4", "processing: a continuation", []step{waiting, {report: "00000001 00 01"}, {report: "00000002 00 01"}, over}},
		{"11.2.5.3", "processing: malformed INIT on the channel", []step{waiting, {report: "00000001 86 0007", stop: true, want: []string{"00000001 bf 0001 03"}}, ping}},
		{"11.2.5.1", "processing: it fails", []step{waiting, {fail: hid.Other, want: []string{"00000001 bf 0001 7f"}}, ping}},
		{"11.2.5.1", "processing: it ends twice", []step{waiting, over, {answer: "00"}, {fail: hid.Other}}},

		{"11.2.5.3", "released while assembling", []step{half, {free: 1}, {report: "00000002 81 0000", want: []string{"00000002 81 0000"}}, {report: "00000001 81 0000", want: []string{"00000001 bf 0001 0b"}}}},
		{"11.2.5.3", "released while processing", []step{waiting, {free: 1, stop: true}, {answer: "00"}, {report: "00000002 81 0000", want: []string{"00000002 81 0000"}}}},
		{"11.2.5.3", "another one released", []step{waiting, {free: 2}, over}},
	} {
		t.Run(c.section+" "+c.rule, func(t *testing.T) {
			t.Parallel()
			newUsualRig(t).play(c.steps...)
		})
	}
}

// The commands that stay inside the device (§11.2.9).
func TestCommands(t *testing.T) {
	t.Parallel()
	locked := step{report: "00000001 84 0001 01", want: []string{"00000001 84 0000"}}
	for _, c := range []struct {
		section, rule string
		steps         []step
	}{
		{"11.2.9.1.4", "PING of nothing", []step{{report: "00000001 81 0000", want: []string{"00000001 81 0000"}}}},
		{"11.2.4", "padding is not payload", []step{{report: "00000001 81 0001 aabbcc", want: []string{"00000001 81 0001 aa"}}}},
		{"11.2.9.1.3", "INIT of 7 bytes", []step{{report: "ffffffff 86 0007 01020304050607", want: []string{"ffffffff bf 0001 03"}}}},
		{"11.2.9.1.3", "INIT of 9 bytes", []step{{report: "ffffffff 86 0009 010203040506070809", want: []string{"ffffffff bf 0001 03"}}}},
		{"11.2.9.1.3", "INIT on broadcast, twice", []step{
			{report: "ffffffff 86 0008 0102030405060708", want: []string{"ffffffff 86 0011 0102030405060708 00000003 02 000000 07"}},
			{report: "ffffffff 86 0008 0102030405060708", want: []string{"ffffffff 86 0011 0102030405060708 00000004 02 000000 07"}}}},
		{"11.2.9.1.3", "INIT on its own channel", []step{{report: "00000002 86 0008 a1a2a3a4a5a6a7a8", want: []string{"00000002 86 0011 a1a2a3a4a5a6a7a8 00000002 02 000000 07"}}}},
		{"11.2.9.1.2", "CBOR of nothing", []step{{report: "00000001 90 0000", want: []string{"00000001 bf 0001 03"}}}},
		{"11.2.9.1.1", "MSG of nothing", []step{{report: "00000001 83 0000", want: []string{"00000001 bf 0001 03"}}}},
		{"11.2.9.2.1", "WINK", []step{{report: "00000001 88 0000", want: []string{"00000001 88 0000"}, wink: true}}},
		{"11.2.9.2.1", "WINK with a byte", []step{{report: "00000001 88 0001 00", want: []string{"00000001 bf 0001 03"}}}},
		{"11.2.9.2.2", "LOCK of no bytes", []step{{report: "00000001 84 0000", want: []string{"00000001 bf 0001 03"}}}},
		{"11.2.9.2.2", "LOCK for too long", []step{{report: "00000001 84 0001 0b", want: []string{"00000001 bf 0001 02"}}, {report: "00000002 81 0000", want: []string{"00000002 81 0000"}}}},
		{"11.2.9.2.2", "LOCK keeps others out, but gives out channels", []step{
			locked, {report: "00000002 81 0000", want: []string{"00000002 bf 0001 06"}}, {report: "00000001 81 0000", want: []string{"00000001 81 0000"}},
			{report: "00000002 86 0008 0102030405060708", want: []string{"00000002 bf 0001 06"}},
			{report: "ffffffff 86 0008 0102030405060708", want: []string{"ffffffff 86 0011 0102030405060708 00000003 02 000000 07"}}}},
		{"11.2.9.2.2", "LOCK expires", []step{
			locked, {wait: 999 * ms, report: "00000002 81 0000", want: []string{"00000002 bf 0001 06"}}, {wait: 1 * ms, report: "00000002 81 0000", want: []string{"00000002 81 0000"}}}},
		{"11.2.9.2.2", "LOCK extended", []step{
			locked, {wait: 900 * ms, report: "00000001 84 0001 01", want: []string{"00000001 84 0000"}}, {wait: 900 * ms, report: "00000002 81 0000", want: []string{"00000002 bf 0001 06"}}}},
		{"11.2.9.2.2", "LOCK released by its owner", []step{
			locked, {report: "00000001 84 0001 00", want: []string{"00000001 84 0000"}}, {report: "00000002 81 0000", want: []string{"00000002 81 0000"}}}},
		{"11.2.9.2.2", "LOCK not released by another", []step{
			locked, {report: "00000002 84 0001 00", want: []string{"00000002 bf 0001 06"}}, {report: "00000002 81 0000", want: []string{"00000002 bf 0001 06"}}}},
		{"11.2.9.2.2", "LOCK released with its channel", []step{
			locked, {free: 1}, {report: "00000002 81 0000", want: []string{"00000002 81 0000"}}}},
		{"11.2.9.1.7", "KEEPALIVE", []step{
			{report: "00000001 90 0001 04", request: "10 04"},
			{wait: 99 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"00000001 bb 0001 01"}}, {tick: true},
			{wait: 50 * ms, status: hid.UserNeeded, want: []string{"00000001 bb 0001 02"}}, {status: hid.UserNeeded},
			{wait: 99 * ms, tick: true}, {wait: 1 * ms, tick: true, want: []string{"00000001 bb 0001 02"}},
			{wait: time.Hour, tick: true, want: []string{"00000001 bb 0001 02"}},
			{status: hid.Processing, want: []string{"00000001 bb 0001 01"}},
			{answer: "00", want: []string{"00000001 90 0001 00"}}, {wait: time.Hour, tick: true}}},
		{"11.2.9.1.7", "the next request is in processing again", []step{
			{report: "00000001 90 0001 04", request: "10 04"}, {status: hid.UserNeeded, want: []string{"00000001 bb 0001 02"}}, {answer: "00", want: []string{"00000001 90 0001 00"}},
			{report: "00000001 90 0001 04", request: "10 04"}, {wait: 100 * ms, tick: true, want: []string{"00000001 bb 0001 01"}}}},
		{"11.2.9.1.7", "no KEEPALIVE for MSG", []step{
			{report: "00000001 83 0001 00", request: "03 00"}, {wait: time.Hour, tick: true}, {status: hid.UserNeeded}, {answer: "9000", want: []string{"00000001 83 0002 9000"}}}},
	} {
		t.Run(c.section+" "+c.rule, func(t *testing.T) {
			t.Parallel()
			newUsualRig(t).play(c.steps...)
		})
	}
}

// What the capability bits say is what commands answer (§11.2.9.1.3).
func TestCapabilities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		capabilities hid.Capability
		report       string
		known        bool
	}{
		{"CBOR", hid.CanCBOR, "00000001 90 0001 04", true},
		{"no CBOR", everything &^ hid.CanCBOR, "00000001 90 0001 04", false},
		{"MSG", 0, "00000001 83 0001 00", true},
		{"no MSG", everything | hid.NoMsg, "00000001 83 0001 00", false},
		{"WINK", hid.CanWink, "00000001 88 0000", true},
		{"no WINK", everything &^ hid.CanWink, "00000001 88 0000", false},
		{"LOCK", hid.CanLock, "00000001 84 0001 00", true},
		{"no LOCK", everything &^ hid.CanLock, "00000001 84 0001 00", false},
	} {
		r := newRig(t, hid.DeviceConfig{Capabilities: c.capabilities, Version: [3]byte{7, 8, 9}})
		out := r.Device.Report(r.now, report(t, 64, "ffffffff 86 0008 0102030405060708"))
		require.Len(t, out.Reports, 1)
		assert.Equal(t, []byte{2, 7, 8, 9, byte(c.capabilities), 0}, out.Reports[0][19:25], c.name)
		out = r.Device.Report(r.now, report(t, 64, c.report))
		unknown := len(out.Reports) == 1 && hexed(out.Reports[0]) == hexed(report(t, 64, "00000001 bf 0001 01"))
		assert.Equal(t, c.known, !unknown, c.name)
	}
}

// An answer that comes after its request was given up answers nobody else.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	r := newUsualRig(t)
	r.exchange(1, 0x10, []byte{1}, 64)
	late := r.request.ID
	r.exchange(1, 0x06, pattern(8), 64)
	r.exchange(1, 0x10, []byte{2}, 64)
	assert.Empty(t, r.Answer(late, []byte{0xee}).Reports)
	assert.Equal(t, message(64, 1, 0x10, []byte{0}), r.Answer(r.request.ID, []byte{0}).Reports)
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	r := newUsualRig(t)
	assert.Zero(t, r.Deadline(), "nothing is due")
	r.Device.Report(r.now, report(t, 64, "00000001 81 003b"))
	assert.Equal(t, r.now.Add(600*ms), r.Deadline(), "the next packet")
	r.Tick(r.now.Add(600 * ms))
	assert.Zero(t, r.Deadline())

	r.Device.Report(r.now, report(t, 64, "00000001 90 0001 04"))
	assert.Equal(t, r.now.Add(100*ms), r.Deadline(), "a keepalive")
	r.Release(1)
	assert.Zero(t, r.Deadline())
}

// Where all channels are in use the one used longest ago gives way (§11.2.3
// leaves it to the vendor), except the one with the lock.
func TestChannelsGiveWay(t *testing.T) {
	t.Parallel()
	r := newRig(t, hid.DeviceConfig{Capabilities: everything, Channels: 2})
	open := func() []byte {
		reports := r.exchange(hid.Broadcast, 0x06, pattern(8), 64)
		require.Len(t, reports, 1)
		return reports[0][4:19]
	}
	alive := func(channel hid.Channel) bool { return r.exchange(channel, 0x01, nil, 64)[0][4] == 0x81 }
	open()
	open()
	require.True(t, alive(1), "1 was used last")
	open()
	assert.True(t, alive(1))
	assert.False(t, alive(2))
	assert.True(t, alive(3))

	require.Equal(t, byte(0x84), r.exchange(1, 0x04, []byte{10}, 64)[0][4], "1 locks and is then used longest ago")
	open()
	assert.True(t, alive(1))

	one := newRig(t, hid.DeviceConfig{Capabilities: everything, Channels: 1})
	one.exchange(hid.Broadcast, 0x06, pattern(8), 64)
	one.exchange(1, 0x04, []byte{10}, 64)
	assert.Equal(t, report(t, 64, "ffffffff bf 0001 06"), one.exchange(hid.Broadcast, 0x06, pattern(8), 64)[0], "there is none to give way")
}

// Several hosts at one device: a channel is its host's, as long as that is there.
func TestForeignReports(t *testing.T) {
	t.Parallel()
	r := newUsualRig(t)
	r.play(step{report: "00000001 90 0001 04", request: "10 04"})
	assert.Equal(t, message(64, 1, 0x3f, []byte{0x0b}), r.Foreign(report(t, 64, "00000001 86 0008 0102030405060708")).Reports)
	assert.Empty(t, r.Foreign(report(t, 64, "00000001 00 aa")).Reports, "a continuation is ignored")
	assert.Empty(t, r.Foreign(nil).Reports)
	assert.Len(t, r.Answer(r.request.ID, []byte{0}).Reports, 1, "the transaction goes on")

	out := r.Device.Report(r.now, report(t, 64, "ffffffff 86 0008 0102030405060708"))
	assert.Equal(t, hid.Channel(3), out.Opened)
	assert.Zero(t, r.Device.Report(r.now, report(t, 64, "00000003 86 0008 0102030405060708")).Opened, "it was there already")
	assert.Equal(t, hid.Channel(3), hid.ChannelOf(report(t, 64, "00000003")))
	assert.Zero(t, hid.ChannelOf([]byte{0xff, 0xff, 0xff}))
}

func TestReportsOfAnotherSizeAreIgnored(t *testing.T) {
	t.Parallel()
	r := newUsualRig(t)
	for _, size := range []int{0, 1, 63, 65} {
		assert.Empty(t, r.Device.Report(r.now, make([]byte, size)).Reports, size)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]hid.DeviceConfig{
		"In too small":   {In: 7},
		"Out too large":  {Out: 1025},
		"no channels":    {Channels: -1},
		"no patience":    {Patience: -1},
		"past keepalive": {Keepalive: -1},
	} {
		_, err := hid.NewDevice(config)
		assert.Error(t, err, name)
	}
	_, err := hid.NewHost(hid.HostConfig{In: 7})
	require.Error(t, err)
	_, err = hid.NewHost(hid.HostConfig{Out: 7})
	require.Error(t, err)
}
