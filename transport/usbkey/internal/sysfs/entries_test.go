package sysfs_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

var device = sysfs.Device{
	Node: "hidraw3", Major: 136, Minor: 7, Port: 2, Vendor: 0x1209, Product: 0x0a01,
	Maker: "Maker", Name: "Key", Serial: "42",
}

const (
	usb = "devices/passkeylab/usb250/250-2"
	hid = usb + "/250-2:1.0/0003:1209:0A01.F002"
)

// contents are the files by path, and the places where links lead.
func contents(t *testing.T) (files, links map[string]string) {
	t.Helper()
	files, links = map[string]string{}, map[string]string{}
	for _, e := range device.Entries() {
		if e.Link == "" {
			files[e.Path] = string(e.Content)
			continue
		}
		require.False(t, path.IsAbs(e.Link), "%s: links are relative", e.Path)
		links[e.Path] = path.Join(path.Dir(e.Path), e.Link)
	}
	return files, links
}

func TestWhatIsSaidOfADevice(t *testing.T) {
	t.Parallel()
	files, _ := contents(t)
	for at, says := range map[string][]string{
		usb + "/uevent":                     {"DEVTYPE=usb_device\n", "PRODUCT=1209/a01/100\n", "BUSNUM=250\n", "DEVNUM=003\n", "MAJOR=189\n", "MINOR=31874\n"},
		usb + "/dev":                        {"189:31874\n"},
		usb + "/idVendor":                   {"1209\n"},
		usb + "/idProduct":                  {"0a01\n"},
		usb + "/manufacturer":               {"Maker\n"},
		usb + "/product":                    {"Key\n"},
		usb + "/serial":                     {"42\n"},
		usb + "/250-2:1.0/uevent":           {"DEVTYPE=usb_interface\n", "INTERFACE=3/0/0\n"},
		usb + "/250-2:1.0/bInterfaceClass":  {"03\n"},
		usb + "/250-2:1.0/bInterfaceNumber": {"00\n"},
		hid + "/uevent":                     {"HID_ID=0003:00001209:00000A01\n", "HID_NAME=Maker Key\n", "HID_UNIQ=42\n", "HID_PHYS=usb-passkeylab-2/input0\n"},
		hid + "/report_descriptor":          {string(sysfs.ReportDescriptor)},
		hid + "/hidraw/hidraw3/uevent":      {"MAJOR=136\n", "MINOR=7\n", "DEVNAME=hidraw3\n"},
		hid + "/hidraw/hidraw3/dev":         {"136:7\n"},
	} {
		require.Contains(t, files, at)
		for _, line := range says {
			assert.Contains(t, files[at], line, at)
		}
	}
}

// Every way to the device leads there.
func TestLinks(t *testing.T) {
	t.Parallel()
	_, links := contents(t)
	assert.Equal(t, map[string]string{
		"bus/usb/devices/250-2":               usb,
		"bus/usb/devices/250-2:1.0":           usb + "/250-2:1.0",
		"bus/hid/devices/0003:1209:0A01.F002": hid,
		"class/hidraw/hidraw3":                hid + "/hidraw/hidraw3",
		"dev/char/136:7":                      hid + "/hidraw/hidraw3",
		"dev/char/189:31874":                  usb,
		usb + "/subsystem":                    "bus/usb",
		usb + "/250-2:1.0/subsystem":          "bus/usb",
		hid + "/subsystem":                    "bus/hid",
		hid + "/hidraw/hidraw3/subsystem":     "class/hidraw",
		hid + "/hidraw/hidraw3/device":        hid,
	}, links)
}

// Two devices have nothing in common but folders.
func TestDevicesAreApart(t *testing.T) {
	t.Parallel()
	other := device
	other.Port, other.Node, other.Minor = 3, "hidraw4", 8
	mine := map[string]bool{}
	for _, e := range device.Entries() {
		mine[e.Path] = true
		assert.True(t, e.Link != "" || strings.HasPrefix(e.Path, device.Folder()+"/"), "%s: files are in the device's folder", e.Path)
	}
	for _, e := range other.Entries() {
		assert.False(t, mine[e.Path], e.Path)
	}
}
