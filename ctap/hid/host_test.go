package hid_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

var nonce = hid.Nonce{1, 2, 3, 4, 5, 6, 7, 8}

// openHost returns a host on channel 7.
func openHost(t testing.TB) *hid.Host {
	t.Helper()
	h, err := hid.NewHost(hid.HostConfig{})
	require.NoError(t, err)
	require.Equal(t, [][]byte{report(t, 64, "ffffffff 86 0008 0102030405060708")}, h.Open(nonce))
	event, err := h.Report(report(t, 64, "ffffffff 86 0011 0102030405060708 00000007 02 030405 0c"))
	require.NoError(t, err)
	require.True(t, event.Done)
	return h
}

// heard is a report of the device and what the host makes of it.
type heard struct {
	report string
	want   hid.Event
	fails  error
}

func listen(t testing.TB, h *hid.Host, all ...heard) {
	t.Helper()
	for i, c := range all {
		event, err := h.Report(report(t, 64, c.report))
		assert.Equal(t, c.want, event, "report %d", i)
		if c.fails == nil {
			require.NoError(t, err, "report %d", i)
		} else {
			require.ErrorIs(t, err, c.fails, "report %d", i)
		}
	}
}

var (
	nothing = hid.Event{}
	alive   = hid.Event{Heard: true}
	failed  = hid.Event{Heard: true, Done: true}
)

func answered(payload []byte) hid.Event { return hid.Event{Heard: true, Done: true, Payload: payload} }

func TestOpening(t *testing.T) {
	t.Parallel()
	ours := heard{"ffffffff 86 0011 0102030405060708 00000007 02 030405 0c", answered(unhex(t, "0102030405060708 00000007 02 030405 0c")), nil}
	for _, c := range []struct {
		name  string
		heard []heard
	}{
		{"others are answered first", []heard{
			{"ffffffff 86 0011 a102030405060708 00000006 02 030405 0c", nothing, nil},
			{"00000006 90 0001 00", nothing, nil}, {"00000006 00 0001", nothing, nil}, ours}},
		{"others are answered at length", []heard{
			{"ffffffff 86 0100 a102030405060708", alive, nil}, {"ffffffff 05 a102030405060708", nothing, nil}, ours}},
		{"others fall silent", []heard{{"ffffffff 86 0100 a102030405060708", alive, nil}, ours}},
		{"more than there is room for", []heard{{"ffffffff 86 ffff a102030405060708", nothing, nil}, ours}},
		{"what is no answer at all", []heard{{"ffffffff 90 0001 00", nothing, nil}, {"ffffffff bb 0001 01", nothing, nil}, ours}},
		{"too short an answer", []heard{{"ffffffff 86 0010 0102030405060708 00000007 02 030405", failed, hid.ErrProtocol}}},
		{"a longer answer of a later version", []heard{{"ffffffff 86 0012 0102030405060708 00000007 03 030405 0c ee", answered(unhex(t, "0102030405060708 00000007 03 030405 0c ee")), nil}}},
		{"channel 0", []heard{{"ffffffff 86 0011 0102030405060708 00000000 02 030405 0c", failed, hid.ErrProtocol}}},
		{"the broadcast channel", []heard{{"ffffffff 86 0011 0102030405060708 ffffffff 02 030405 0c", failed, hid.ErrProtocol}}},
		{"busy", []heard{{"ffffffff bf 0001 06", failed, hid.ChannelBusy}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, err := hid.NewHost(hid.HostConfig{})
			require.NoError(t, err)
			h.Open(nonce)
			listen(t, h, c.heard...)
		})
	}
	assert.Equal(t, hid.Info{Nonce: nonce, Channel: 7, ProtocolVersion: 2, Version: [3]byte{3, 4, 5}, Capabilities: hid.CanCBOR | hid.NoMsg}, openHost(t).Info())
}

// What a channel was at breaks off when it is synchronised.
func TestSynchronising(t *testing.T) {
	t.Parallel()
	h := openHost(t)
	_, err := h.Send(hid.CommandCBOR, []byte{4})
	require.NoError(t, err)
	listen(t, h, heard{"00000007 90 0100", alive, nil})
	assert.Equal(t, [][]byte{report(t, 64, "00000007 86 0008 0908070605040302")}, h.Open(hid.Nonce{9, 8, 7, 6, 5, 4, 3, 2}))
	listen(t, h,
		heard{"00000007 00 ", nothing, nil},
		heard{"00000007 bb 0001 01", nothing, nil},
		heard{"00000007 90 0001 00", nothing, nil},
		heard{"ffffffff 86 0011 0908070605040302 00000007 02 000000 04", nothing, nil},
		heard{"00000007 86 0011 0908070605040302 00000007 02 000000 04", answered(unhex(t, "0908070605040302 00000007 02 000000 04")), nil})
	h.Open(nonce)
	listen(t, h, heard{"00000007 86 0011 0102030405060708 00000008 02 000000 04", failed, hid.ErrProtocol})
	h.Open(nonce)
	listen(t, h, heard{"00000007 bf 0001 0b", failed, hid.InvalidChannel})
	h.Forget()
	assert.Equal(t, [][]byte{report(t, 64, "ffffffff 86 0008 0102030405060708")}, h.Open(nonce))
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		heard []heard
	}{
		{"an answer of one packet", []heard{{"00000007 90 0002 00aa ff", answered([]byte{0, 0xaa}), nil}, {"00000007 90 0002 00aa", nothing, nil}}},
		{"an answer of two packets", []heard{{"00000007 90 003b", alive, nil}, {"00000007 00 0102", answered(append(make([]byte, 57), 1, 2)), nil}}},
		{"keepalives", []heard{
			{"00000007 bb 0001 01", hid.Event{Heard: true, Keepalive: hid.Processing}, nil}, {"00000007 bb 0001 02", hid.Event{Heard: true, Keepalive: hid.UserNeeded}, nil},
			{"00000007 bb 0001 77", hid.Event{Heard: true, Keepalive: 0x77}, nil}, {"00000007 90 0001 2d", answered([]byte{0x2d}), nil}}},
		{"an error", []heard{{"00000007 bf 0001 06", failed, hid.ChannelBusy}}},
		{"an error without a code", []heard{{"00000007 bf 0000", failed, hid.ErrProtocol}}},
		{"a keepalive without a status", []heard{{"00000007 bb 0000", failed, hid.ErrProtocol}}},
		{"another command", []heard{{"00000007 83 0002 9000", failed, hid.ErrProtocol}}},
		{"a packet left out", []heard{{"00000007 90 0100", alive, nil}, {"00000007 01 ", failed, hid.ErrProtocol}, {"00000007 00 ", nothing, nil}}},
		{"a message in the middle of one", []heard{{"00000007 90 0100", alive, nil}, {"00000007 90 0001 00", failed, hid.ErrProtocol}}},
		{"a keepalive in the middle of an answer", []heard{{"00000007 90 0100", alive, nil}, {"00000007 bb 0001 01", failed, hid.ErrProtocol}}},
		{"longer than can be carried", []heard{{"00000007 90 1dba", failed, hid.ErrProtocol}}},
		{"what goes on with nothing", []heard{{"00000007 00 0102", nothing, nil}, {"00000007 90 0001 00", answered([]byte{0}), nil}}},
		{"other channels", []heard{{"00000008 90 0001 00", nothing, nil}, {"ffffffff 86 0011 0102030405060708 00000007 02 030405 0c", nothing, nil}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := openHost(t)
			reports, err := h.Send(hid.CommandCBOR, []byte{4})
			require.NoError(t, err)
			assert.Equal(t, [][]byte{report(t, 64, "00000007 90 0001 04")}, reports)
			listen(t, h, c.heard...)
		})
	}
}

func TestSending(t *testing.T) {
	t.Parallel()
	h := openHost(t)
	reports, err := h.Send(hid.CommandPing, pattern(7609))
	require.NoError(t, err)
	assert.Equal(t, message(64, 7, 0x01, pattern(7609)), reports)
	assert.Equal(t, [][]byte{report(t, 64, "00000007 91 0000")}, h.Cancel())

	_, err = h.Send(hid.CommandPing, make([]byte, 7610))
	require.Error(t, err)
	fresh, err := hid.NewHost(hid.HostConfig{})
	require.NoError(t, err)
	_, err = fresh.Send(hid.CommandPing, nil)
	require.Error(t, err, "without a channel")

	for _, b := range reports {
		event, err := h.Report(b)
		require.NoError(t, err)
		if event.Done {
			assert.Equal(t, pattern(7609), event.Payload, "the longest there is comes back")
		}
	}

	h.Open(nonce)
	event, err := h.Report(report(t, 64, "00000007 81 0000")[:63])
	require.NoError(t, err)
	assert.Equal(t, nothing, event, "a report of another size")
}
