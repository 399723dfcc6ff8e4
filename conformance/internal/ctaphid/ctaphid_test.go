package ctaphid_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
)

// Reports as they are written down in public implementations, without padding.
func TestReports(t *testing.T) {
	t.Parallel()
	for want, got := range map[string][][]byte{
		"ffffffff8600080001020304050607": ctaphid.Split(ctaphid.Broadcast, ctaphid.Init, []byte{0, 1, 2, 3, 4, 5, 6, 7}),
		"0000000190000104":               ctaphid.Split(1, ctaphid.CBOR, []byte{4}),
		"0000000191":                     ctaphid.Split(1, ctaphid.Cancel, nil),
		"00000001bb000102":               ctaphid.Split(1, ctaphid.Keepalive, []byte{ctaphid.UserNeeded}),
	} {
		require.Len(t, got, 1)
		raw, err := hex.DecodeString(want)
		require.NoError(t, err)
		assert.Equal(t, append(raw, make([]byte, ctaphid.ReportSize-len(raw))...), got[0])
	}
	assert.Equal(t, 7609, ctaphid.MaxMessage)
}

// A message takes 1 + ceil((n - 57) / 59) packets, the last with number 127.
func TestSplitting(t *testing.T) {
	t.Parallel()
	for n, packets := range map[int]int{0: 1, 57: 1, 58: 2, 116: 2, 117: 3, 7609: 129} {
		payload := bytes.Repeat([]byte{0xAB}, n)
		reports := ctaphid.Split(7, ctaphid.Ping, payload)
		require.Len(t, reports, packets, "%d bytes", n)
		first, ok := ctaphid.Read(reports[0])
		require.True(t, ok)
		assert.Equal(t, n, first.Length)
		assert.True(t, first.Initial)
		assert.Equal(t, uint32(7), first.Channel)
		got := first.Data
		for i, r := range reports[1:] {
			p, ok := ctaphid.Read(r)
			require.True(t, ok)
			assert.False(t, p.Initial)
			assert.Equal(t, byte(i), p.Sequence)
			got = append(got, p.Data...)
		}
		assert.Equal(t, payload, got[:n])
		assert.Empty(t, bytes.Trim(got[n:], "\x00"), "padding")
	}
}

func TestPacketsInWords(t *testing.T) {
	t.Parallel()
	for want, report := range map[string][]byte{
		"channel 0000000a, CTAPHID_PING, 3 bytes":                    ctaphid.Initial(10, ctaphid.Ping, 3, []byte{1, 2, 3}),
		"channel 0000000a, CTAPHID_ERROR, 1 bytes, ERR_CHANNEL_BUSY": ctaphid.Initial(10, ctaphid.Error, 1, []byte{ctaphid.ErrBusy}),
		"channel 0000000a, CTAPHID_ERROR, 1 bytes, error 0x55":       ctaphid.Initial(10, ctaphid.Error, 1, []byte{0x55}),
		"channel 0000000a, CTAPHID command 0x55, 0 bytes":            ctaphid.Initial(10, 0x55, 0, nil),
		"channel 0000000a, packet 5 of a message":                    ctaphid.Continuation(10, 5, nil),
	} {
		p, ok := ctaphid.Read(report)
		require.True(t, ok)
		assert.Equal(t, want, p.String())
	}
	for _, n := range []int{0, 5, 63, 65} {
		_, ok := ctaphid.Read(make([]byte, n))
		assert.False(t, ok, "%d bytes", n)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(ctaphid.Initial(1, ctaphid.CBOR, 0xFFFF, nil))
	f.Fuzz(func(t *testing.T, report []byte) {
		p, ok := ctaphid.Read(report)
		assert.Equal(t, len(report) == ctaphid.ReportSize, ok)
		_ = p.String()
	})
}
