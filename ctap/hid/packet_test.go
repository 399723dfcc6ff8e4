package hid_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

func hexed(b []byte) string { return hex.EncodeToString(b) }

// Sizes at the seams between packets (§11.2.4).
func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ size, payload, packets int }{
		{64, 0, 1}, {64, 57, 1}, {64, 58, 2}, {64, 116, 2}, {64, 117, 3}, {64, 7609, 129},
		{32, 25, 1}, {32, 26, 2}, {32, 3481, 129},
		{8, 1, 1}, {8, 2, 2}, {8, 385, 129},
		{1024, 1017, 1}, {1024, 65535, 65},
	} {
		reports, err := hid.Split(c.size, 0x01020304, hid.CommandPing, pattern(c.payload))
		require.NoError(t, err)
		assert.Len(t, reports, c.packets, "%+v", c)
		assert.Equal(t, message(c.size, 0x01020304, 0x01, pattern(c.payload)), reports, "%+v", c)
		for i, r := range reports {
			assert.Equal(t, c.size, cap(r), "report %d of %+v ends where the next begins", i, c)
		}
	}
	for size, capacity := range map[int]int{8: 385, 32: 3481, 64: 7609, 1024: 65535} {
		assert.Equal(t, capacity, hid.Capacity(size))
		_, err := hid.Split(size, 1, hid.CommandPing, make([]byte, capacity+1))
		assert.Error(t, err)
	}
}

// Messages of all sizes come back as they went, through reports of all sizes,
// also where those of the two directions differ.
func TestPingThroughReportsOfAnySize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, out int }{{64, 64}, {8, 8}, {32, 32}, {1024, 1024}, {64, 8}, {8, 64}} {
		r := newRig(t, hid.DeviceConfig{In: c.in, Out: c.out, Capabilities: everything})
		answer := r.exchange(hid.Broadcast, 0x06, pattern(8), c.out)
		info := slices.Concat(pattern(8), []byte{0, 0, 0, 1, 2, 0, 0, 0, 7})
		require.Equal(t, message(c.in, hid.Broadcast, 0x06, info), answer, "%+v", c)
		most := min(hid.Capacity(c.in), hid.Capacity(c.out))
		for _, n := range []int{0, 1, 2, c.out - 7, c.out - 6, c.out + 1, 117, most - 1, most} {
			if n <= most {
				assert.Equal(t, message(c.in, 1, 0x01, pattern(n)), r.exchange(1, 0x01, pattern(n), c.out), "%d bytes through %+v", n, c)
			}
		}
	}
	r := newRig(t, hid.DeviceConfig{In: 8, Out: 64})
	r.exchange(hid.Broadcast, 0x06, pattern(8), 64)
	assert.Equal(t, message(8, 1, 0x3f, []byte{0x7f}), r.exchange(1, 0x01, pattern(386), 64), "what the way back cannot carry is an error")
}

// INIT that needs several packets, in the states where it counts.
func TestInitInSmallReports(t *testing.T) {
	t.Parallel()
	r := newRig(t, hid.DeviceConfig{In: 8, Out: 8, Capabilities: everything})
	r.exchange(hid.Broadcast, 0x06, pattern(8), 8)
	r.exchange(1, 0x10, []byte{0x04}, 8)
	require.NotNil(t, r.request)

	answer := r.exchange(1, 0x06, pattern(8), 8)
	info := slices.Concat(pattern(8), []byte{0, 0, 0, 1, 2, 0, 0, 0, 7})
	assert.Equal(t, message(8, 1, 0x06, info), answer, "it aborts what is in processing")
	assert.Empty(t, r.Answer(r.request.ID, []byte{0}).Reports)

	first := message(8, hid.Broadcast, 0x06, pattern(8))
	r.Device.Report(r.now, first[0])
	answer = r.exchange(hid.Broadcast, 0x06, pattern(8), 8)
	info[11] = 2
	assert.Equal(t, message(8, hid.Broadcast, 0x06, info), answer, "a second one begins again")
}

func TestNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "CTAPHID_CBOR", hid.CommandCBOR.String())
	assert.Equal(t, "CTAPHID command 0x41", hid.Command(0x41).String())
	assert.EqualError(t, hid.ChannelBusy, "CTAPHID ERR_CHANNEL_BUSY")
	assert.EqualError(t, hid.Error(0x55), "CTAPHID error 0x55")
}
