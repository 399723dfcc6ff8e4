package sysfs

import (
	"fmt"
	"slices"
	"strings"
)

// Entry is a file or a link below /sys.
type Entry struct {
	Path    string // from /sys, with slashes
	Link    string // where a link points, "" for a file
	Content []byte // of a file
}

// Entries is all that /sys says of a device, the outermost first. Nothing is said
// of the bus itself: nobody asks.
func (d Device) Entries() []Entry {
	return slices.Concat(d.usb(), d.usbInterface(), d.hid(), d.hidraw())
}

func (d Device) usb() []Entry {
	minor := (Bus-1)*128 + d.number() - 1
	return files(d.Folder(), map[string]string{
		"uevent": lines("MAJOR=189", fmt.Sprintf("MINOR=%d", minor), fmt.Sprintf("DEVNAME=bus/usb/%03d/%03d", Bus, d.number()),
			"DEVTYPE=usb_device", "DRIVER=usb", d.productLine(), "TYPE=0/0/0", fmt.Sprintf("BUSNUM=%03d", Bus), fmt.Sprintf("DEVNUM=%03d", d.number())),
		"dev": fmt.Sprintf("189:%d\n", minor), "busnum": fmt.Sprintln(Bus), "devnum": fmt.Sprintln(d.number()), "devpath": fmt.Sprintln(d.Port),
		"idVendor": fmt.Sprintf("%04x\n", d.Vendor), "idProduct": fmt.Sprintf("%04x\n", d.Product), "bcdDevice": "0100\n",
		"manufacturer": lines(d.Maker), "product": lines(d.Name), "serial": lines(d.Serial),
		"speed": "12\n", "version": " 2.00\n", "maxchild": "0\n", "removable": "removable\n",
		"bDeviceClass": "00\n", "bDeviceSubClass": "00\n", "bDeviceProtocol": "00\n", "bMaxPacketSize0": "64\n",
		"bNumConfigurations": "1\n", "bConfigurationValue": "1\n", "bNumInterfaces": " 1\n", "bMaxPower": "100mA\n",
	}, map[string]string{
		d.Folder() + "/subsystem":             "bus/usb",
		"bus/usb/devices/" + d.usbName():      d.Folder(),
		fmt.Sprintf("dev/char/189:%d", minor): d.Folder(),
	})
}

func (d Device) usbInterface() []Entry {
	alias := fmt.Sprintf("usb:v%04Xp%04Xd0100dc00dsc00dp00ic03isc00ip00in00", d.Vendor, d.Product)
	return files(d.interfaceFolder(), map[string]string{
		"uevent":          lines("DEVTYPE=usb_interface", "DRIVER=usbhid", d.productLine(), "TYPE=0/0/0", "INTERFACE=3/0/0", "MODALIAS="+alias),
		"modalias":        lines(alias),
		"bInterfaceClass": "03\n", "bInterfaceSubClass": "00\n", "bInterfaceProtocol": "00\n", "bInterfaceNumber": "00\n",
		"bAlternateSetting": " 0\n", "bNumEndpoints": "02\n",
	}, map[string]string{
		d.interfaceFolder() + "/subsystem":        "bus/usb",
		"bus/usb/devices/" + d.usbName() + ":1.0": d.interfaceFolder(),
	})
}

func (d Device) hid() []Entry {
	alias := fmt.Sprintf("hid:b0003g0001v%08Xp%08X", d.Vendor, d.Product)
	return files(d.hidFolder(), map[string]string{
		"uevent": lines("DRIVER=hid-generic", fmt.Sprintf("HID_ID=0003:%08X:%08X", d.Vendor, d.Product),
			"HID_NAME="+d.FullName(), "HID_PHYS="+d.Phys(), "HID_UNIQ="+d.Serial, "MODALIAS="+alias),
		"modalias": lines(alias), "country": "00\n",
		"report_descriptor": string(ReportDescriptor),
	}, map[string]string{
		d.hidFolder() + "/subsystem":     "bus/hid",
		"bus/hid/devices/" + d.hidName(): d.hidFolder(),
	})
}

func (d Device) hidraw() []Entry {
	dev := fmt.Sprintf("%d:%d", d.Major, d.Minor)
	return files(d.hidrawFolder(), map[string]string{
		"uevent": lines(fmt.Sprintf("MAJOR=%d", d.Major), fmt.Sprintf("MINOR=%d", d.Minor), "DEVNAME="+d.Node),
		"dev":    lines(dev),
	}, map[string]string{
		d.hidrawFolder() + "/subsystem": "class/hidraw",
		d.hidrawFolder() + "/device":    d.hidFolder(),
		"class/hidraw/" + d.Node:        d.hidrawFolder(),
		"dev/char/" + dev:               d.hidrawFolder(),
	})
}

func (d Device) productLine() string { return fmt.Sprintf("PRODUCT=%x/%x/100", d.Vendor, d.Product) }

func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }

// files are the files of a folder, and links between places below /sys, which
// lead from one to the other by relative paths, as a kernel's do.
func files(folder string, contents, links map[string]string) []Entry {
	var all []Entry
	for name, content := range contents {
		all = append(all, Entry{Path: folder + "/" + name, Content: []byte(content)})
	}
	for from, to := range links {
		up := strings.Repeat("../", strings.Count(from, "/"))
		all = append(all, Entry{Path: from, Link: up + to})
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return all
}
