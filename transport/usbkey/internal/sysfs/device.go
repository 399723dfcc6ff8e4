package sysfs

import (
	"fmt"
	"path"
)

// Bus is the number of the bus that our devices are on. Machines count theirs
// from 1.
const Bus = 250

// ReportDescriptor describes reports of 64 bytes each way on the usage page of
// FIDO (CTAP 2.3 §11.2.8.2).
var ReportDescriptor = []byte{
	0x06, 0xd0, 0xf1, // usage page: FIDO
	0x09, 0x01, // usage: CTAPHID
	0xa1, 0x01, // collection: application
	0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, // 64 bytes in
	0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, // 64 bytes out
	0xc0,
}

// Device is a key on the bus.
type Device struct {
	Node            string // in /dev: hidraw0
	Major, Minor    uint32 // of the node
	Port            int    // on the bus, from 1
	Vendor, Product uint16
	Maker, Name     string
	Serial          string
}

// number is the device's on its bus; the bus itself is 1.
func (d Device) number() int { return d.Port + 1 }

// usbName is the device's name among those of the USB.
func (d Device) usbName() string { return fmt.Sprintf("%d-%d", Bus, d.Port) }

// hidName is the device's name among HID devices, which count themselves; ours
// begin far from where a kernel does.
func (d Device) hidName() string {
	return fmt.Sprintf("0003:%04X:%04X.%04X", d.Vendor, d.Product, 0xf000+d.Port)
}

// FullName is what HIDIOCGRAWNAME tells.
func (d Device) FullName() string { return d.Maker + " " + d.Name }

// Phys is what HIDIOCGRAWPHYS tells.
func (d Device) Phys() string { return fmt.Sprintf("usb-passkeylab-%d/input0", d.Port) }

// Folder is where all of the device is, apart from links to it.
func (d Device) Folder() string {
	return fmt.Sprintf("devices/passkeylab/usb%d/%s", Bus, d.usbName())
}

// The folders within it, each within the one before.
func (d Device) interfaceFolder() string {
	return path.Join(d.Folder(), d.usbName()+":1.0")
}
func (d Device) hidFolder() string    { return path.Join(d.interfaceFolder(), d.hidName()) }
func (d Device) hidrawFolder() string { return path.Join(d.hidFolder(), "hidraw", d.Node) }
