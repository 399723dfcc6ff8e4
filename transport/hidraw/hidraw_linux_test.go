package hidraw

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
)

type echo struct{}

func (echo) Exchange(_ context.Context, request []byte) ([]byte, error) { return request, nil }

// file is a hidraw file in front of a device.
type file struct {
	port *transport.HIDPort
	in   chan []byte
}

func (f *file) Write(p []byte) (int, error) {
	if p[0] == 0 { // without a number before it, it is another report
		f.port.Report(p[1:])
	}
	return len(p), nil
}

func (f *file) Read(p []byte) (int, error) {
	report, ok := <-f.in
	if !ok {
		return 0, io.EOF
	}
	return copy(p, report), nil
}

func (f *file) Close() error {
	f.port.Close()
	close(f.in)
	return nil
}

func TestReports(t *testing.T) {
	t.Parallel()
	for _, size := range []int{64, 8, 1024} {
		server, err := transport.NewHIDServer(echo{}, transport.Reports(size, size))
		require.NoError(t, err)
		defer server.Close()
		f := &file{in: make(chan []byte, 2000)}
		f.port, err = server.Connect(func(report []byte) { f.in <- report })
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := transport.OpenHID(ctx, link{f, size, size}, bytes.NewReader(make([]byte, 8)))
		require.NoError(t, err)
		payload := bytes.Repeat([]byte{7}, min(7000, hid.Capacity(size)))
		answer, err := c.Ping(ctx, payload)
		require.NoError(t, err)
		require.True(t, bytes.Equal(payload, answer))
		require.NoError(t, c.Close())
	}
}

// short is a file that takes only part of what is written.
type short struct{ file }

func (*short) Write([]byte) (int, error) { return 1, nil }

func TestShortWrites(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, link{new(short), 64, 64}.Send(make([]byte, 64)), io.ErrShortWrite)
}

func TestListing(t *testing.T) {
	t.Parallel()
	keyboard := []byte{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0}
	sys := fstest.MapFS{
		"class/hidraw/hidraw0/device/report_descriptor": {Data: keyboard},
		"class/hidraw/hidraw0/device/uevent":            {Data: []byte("HID_NAME=keyboard\n")},
		"class/hidraw/hidraw1/device/report_descriptor": {Data: hid.Descriptor(64, 64)},
		"class/hidraw/hidraw1/device/uevent":            {Data: []byte("DRIVER=hid-generic\nHID_ID=0003:00001050:00000407\nHID_NAME=Maker Key\nHID_PHYS=usb-0000:00:14.0-1/input1\n")},
		"class/hidraw/hidraw2/device/report_descriptor": {Data: hid.Descriptor(32, 48)},
		"class/hidraw/hidraw2/device/uevent":            {Data: []byte("HID_ID=what\nHID_NAME=")},
		"class/hidraw/hidraw3/device/report_descriptor": {Data: hid.Descriptor(64, 64)},
		"class/hidraw/hidraw4/device/uevent":            {},
	}
	devices, err := list(sys)
	require.NoError(t, err)
	assert.Equal(t, []Device{
		{"/dev/hidraw1", "Maker Key", 0x1050, 0x0407, 64, 64},
		{Path: "/dev/hidraw2", In: 32, Out: 48},
	}, devices)
	assert.Equal(t, "/dev/hidraw1: Maker Key (1050:0407)", devices[0].String())
	devices, err = list(fstest.MapFS{})
	require.NoError(t, err)
	assert.Empty(t, devices)
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, nil, 0o600))
	for path, says := range map[string]string{
		filepath.Join(dir, "none"): "no such file",
		plain:                      "no hidraw file",
		os.DevNull:                 "no hidraw file",
	} {
		_, err := Dial(t.Context(), path)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "hidraw:"+path)
	}
}

// Whatever the kernel tells of devices, listing them works.
func FuzzList(f *testing.F) {
	f.Add(hid.Descriptor(64, 64), []byte("HID_ID=0003:00001050:00000407\nHID_NAME=key\n"))
	f.Fuzz(func(t *testing.T, descriptor, uevent []byte) {
		devices, err := list(fstest.MapFS{
			"class/hidraw/hidraw0/device/report_descriptor": {Data: descriptor},
			"class/hidraw/hidraw0/device/uevent":            {Data: uevent},
		})
		require.NoError(t, err)
		require.LessOrEqual(t, len(devices), 1)
	})
}
