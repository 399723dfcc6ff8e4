package hid_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// Every event passes Said, whether it sends reports or not, and every report of
// the host passes Heard.
func TestSeams(t *testing.T) {
	t.Parallel()
	heard, said := 0, 0
	counting := hid.Seams{
		Heard: func(report []byte) []byte { heard++; return report },
		Said:  func(reports [][]byte) [][]byte { said++; return reports },
	}
	deaf := hid.Seams{Heard: func(report []byte) []byte {
		if report[4] == 0x91 {
			return nil
		}
		return report
	}}
	silent := hid.Seams{Said: func(reports [][]byte) [][]byte {
		if len(reports) > 0 && reports[0][4] == 0xBB {
			return nil
		}
		return reports
	}}
	r := newRig(t, hid.DeviceConfig{Capabilities: everything, Seams: []hid.Seams{counting, deaf, silent}})
	out := r.Device.Report(r.now, report(t, 64, "ffffffff 86 0008 0102030405060708"))
	require.Len(t, out.Reports, 1)
	out = r.Device.Report(r.now, report(t, 64, "00000001 90 0001 04"))
	require.NotNil(t, out.Request)
	id := out.Request.ID
	assert.False(t, r.Device.Report(r.now, report(t, 64, "00000001 91 0000")).Stop, "the device does not hear CANCEL")
	assert.Empty(t, r.Device.SetStatus(r.now, id, hid.UserNeeded).Reports, "no keepalive is sent")
	assert.Empty(t, r.Device.Tick(r.Device.Deadline()).Reports)
	assert.Len(t, r.Device.Foreign(report(t, 64, "00000009 81 0000")).Reports, 1)
	assert.Len(t, r.Device.Answer(id, []byte{0}).Reports, 1)
	r.Device.Report(r.now, report(t, 64, "00000001 90 0001 04"))
	assert.Len(t, r.Device.Fail(id+1, hid.Other).Reports, 1)
	assert.Equal(t, 5, heard)
	assert.Equal(t, 9, said)
}
