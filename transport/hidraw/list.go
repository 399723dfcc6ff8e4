package hidraw

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// Device is a FIDO device of this machine.
type Device struct {
	Path            string // of its file, such as /dev/hidraw0
	Name            string // as it calls itself
	Vendor, Product uint16
	In, Out         int // sizes of reports from and to it, in bytes
}

// String describes the device for people.
func (d Device) String() string {
	return fmt.Sprintf("%s: %s (%04x:%04x)", d.Path, d.Name, d.Vendor, d.Product)
}

// maxFile bounds what is read of a file about a device, in bytes: the kernel has
// no longer descriptors.
const maxFile = 4096

// list returns the FIDO devices of a machine whose /sys this is, by the name of
// their files. What is told of devices that are none, or vanish meanwhile, is
// passed over.
func list(sys fs.FS) ([]Device, error) {
	found, err := fs.Glob(sys, "class/hidraw/hidraw*")
	if err != nil {
		return nil, err
	}
	var devices []Device
	for _, at := range found {
		if d, err := read(sys, at); err == nil {
			devices = append(devices, d)
		}
	}
	return devices, nil
}

// read learns about the device of a folder in /sys/class/hidraw.
func read(sys fs.FS, at string) (Device, error) {
	descriptor, err := readFile(sys, at+"/device/report_descriptor")
	if err != nil {
		return Device{}, err
	}
	d := Device{Path: "/dev/" + path.Base(at)}
	if d.In, d.Out, err = hid.ReadDescriptor(descriptor); err != nil {
		return Device{}, err
	}
	about, err := readFile(sys, at+"/device/uevent")
	if err != nil {
		return Device{}, err
	}
	d.describe(string(about))
	return d, nil
}

// describe takes what it can from a uevent of the subsystem hid.
func (d *Device) describe(uevent string) {
	for line := range strings.Lines(uevent) {
		switch key, value, _ := strings.Cut(strings.TrimRight(line, "\n"), "="); key {
		case "HID_NAME":
			d.Name = value
		case "HID_ID": // bus, vendor and product, in hexadecimal
			parts := strings.Split(value, ":")
			if len(parts) == 3 {
				d.Vendor, d.Product = id(parts[1]), id(parts[2])
			}
		}
	}
}

func id(s string) uint16 {
	n, _ := strconv.ParseUint(s, 16, 32) // 0 for what is no number
	return uint16(n)
}

func readFile(sys fs.FS, name string) ([]byte, error) {
	f, err := sys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
