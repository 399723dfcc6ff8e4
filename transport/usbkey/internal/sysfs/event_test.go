package sysfs_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

// The messages are laid out as libudev 252 reads them, which has been seen to.
func TestEvents(t *testing.T) {
	t.Parallel()
	hashes := [][2]uint32{ // of subsystem and kind
		{0x577c5e5, 0x27f8f50c}, {0x577c5e5, 0xb1024765}, {0x7088c98a, 0}, {0xc2caf397, 0},
	}
	added, removed := device.Events(sysfs.Added), device.Events(sysfs.Removed)
	require.Len(t, added, 4)
	for i, message := range added {
		properties := strings.Split(string(message[40:]), "\x00")
		assert.Equal(t, "libudev\x00\xfe\xed\xca\xfe", string(message[:12]))
		assert.Equal(t, uint32(40), binary.LittleEndian.Uint32(message[12:]))
		assert.Equal(t, uint32(40), binary.LittleEndian.Uint32(message[16:]))
		assert.Equal(t, len(message)-40, int(binary.LittleEndian.Uint32(message[20:])))
		assert.Equal(t, hashes[i], [2]uint32{binary.BigEndian.Uint32(message[24:]), binary.BigEndian.Uint32(message[28:])})
		assert.Equal(t, make([]byte, 8), message[32:40], "no tags")
		assert.Contains(t, properties, "ACTION=add")
		assert.Contains(t, string(removed[3-i]), "ACTION=remove\x00", "the innermost first")
		assert.Equal(t, message[24:40], removed[3-i][24:40])
	}
	last := strings.Split(string(added[3][40:]), "\x00")
	for _, property := range []string{"SUBSYSTEM=hidraw", "DEVNAME=/dev/hidraw3", "MAJOR=136", "MINOR=7", "DEVPATH=/" + hid + "/hidraw/hidraw3"} {
		assert.Contains(t, last, property)
	}
	assert.Contains(t, string(added[2]), "HID_NAME=Maker Key\x00")
}
