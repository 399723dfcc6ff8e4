package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// The checks of this file are about the doors by which programs that are not ours
// reach a device, and by which we reach devices that are not ours. None is needed
// for a journey.

func checkSockets(ctx context.Context, m Machine) Check {
	c := Check{ID: "sockets", What: "devices at sockets"}
	if err := m.Listen(ctx, "127.0.0.1:0"); err != nil {
		return c.limited("unix: alone, since "+err.Error(), "allow this user to listen on the loopback interface")
	}
	return c.ok("unix:, tcp: and udp:")
}

// onlyLinux is what a check says where the door is Linux's.
func (c Check) onlyLinux() Check {
	return c.limited("only on Linux", "use sockets: passkeylab device --listen unix:PATH, tcp:HOST:PORT or udp:HOST:PORT")
}

func checkUHID(_ context.Context, m Machine) Check {
	c := Check{ID: "uhid", What: "USB keys of this machine, by uhid"}
	if m.OS != "linux" {
		return c.onlyLinux()
	}
	switch err := m.Open("/dev/uhid"); {
	case errors.Is(err, fs.ErrNotExist):
		return c.limited("no /dev/uhid", "modprobe uhid; where the kernel has none, use sockets or passkeylab exec")
	case errors.Is(err, fs.ErrPermission):
		return c.limited("this user may not open /dev/uhid", "run as root, or give the user access: setfacl -m u:USER:rw /dev/uhid")
	case err != nil:
		return c.limited(err.Error(), "look at what the kernel says: dmesg")
	}
	return c.ok("/dev/uhid can be opened")
}

func checkGadget(_ context.Context, m Machine) Check {
	c := Check{ID: "hidg", What: "a key of another machine, by a USB gadget"}
	switch {
	case m.OS != "linux":
		return c.onlyLinux()
	case !m.anyFile("sys/class/udc/*"):
		return c.limited("no device controller", "take a board with a USB device port, such as a Raspberry Pi Zero")
	case !m.anyFile("sys/kernel/config/usb_gadget"):
		return c.limited("no gadgets in configfs", "modprobe libcomposite; mount -t configfs none /sys/kernel/config")
	}
	return c.ok("a device controller and configfs found; making gadgets takes root")
}

func checkHidraw(_ context.Context, m Machine) Check {
	c := Check{ID: "hidraw", What: "keys that are plugged in, by hidraw"}
	if m.OS != "linux" {
		return c.onlyLinux()
	}
	files, err := fs.Glob(m.Files, "dev/hidraw*")
	if err != nil || len(files) == 0 {
		return c.limited("no /dev/hidraw file", "plug a key in")
	}
	var able, unable []string
	for _, file := range files {
		if m.Open("/"+file) == nil {
			able = append(able, "/"+file)
		} else {
			unable = append(unable, "/"+file)
		}
	}
	if len(able) == 0 {
		return c.limited("this user may not open "+strings.Join(unable, ", "), "log in at the machine itself, with Debian's libfido2-1 for its udev rules, or run as root")
	}
	return c.ok(strings.Join(able, ", ") + " can be opened")
}

// Where Debian keeps pcscd and the driver of virtual readers.
const (
	pcscd      = "usr/sbin/pcscd"
	vpcdDriver = "usr/lib/pcsc/drivers/serial/libifdvpcd.so*"
)

func checkSmartCards(_ context.Context, m Machine) Check {
	c := Check{ID: "pcsc", What: "cards in readers, also virtual ones"}
	if m.OS != "linux" {
		return c.onlyLinux()
	}
	daemon, reader := m.anyFile(pcscd), m.anyFile(vpcdDriver)
	switch {
	case !daemon && !reader:
		return c.limited("neither pcscd nor vsmartcard's reader", m.install("pcscd vsmartcard-vpcd"))
	case !daemon:
		return c.limited("vsmartcard's reader, but no pcscd", m.install("pcscd"))
	case !reader:
		return c.limited("pcscd, but no virtual reader for --listen vpcd:", m.install("vsmartcard-vpcd"))
	}
	return c.ok("pcscd and vsmartcard's reader found")
}

func checkBluetooth(_ context.Context, m Machine) Check {
	c := Check{ID: "bluetooth", What: "Bluetooth, to be a phone for other machines"}
	if m.OS != "linux" {
		return c.onlyLinux()
	}
	daemon := m.anyFile("usr/libexec/bluetooth/bluetoothd", "usr/lib/bluetooth/bluetoothd")
	adapters, _ := fs.Glob(m.Files, "sys/class/bluetooth/hci*")
	switch {
	case len(adapters) == 0:
		return c.limited("no adapter: phones work with browsers of this machine alone", "plug in a Bluetooth adapter, if other machines matter")
	case !daemon:
		return c.limited(fmt.Sprintf("%d adapter(s), but no BlueZ", len(adapters)), m.install("bluez"))
	}
	return c.ok(fmt.Sprintf("BlueZ and %d adapter(s) found", len(adapters)))
}

func checkBus(_ context.Context, m Machine) Check {
	c := Check{ID: "dbus", What: "D-Bus, for a stand-in of BlueZ"}
	if m.OS != "linux" {
		return c.onlyLinux()
	}
	path, err := m.LookPath("dbus-daemon")
	if err != nil {
		return c.limited("no dbus-daemon: a browser of this machine sees no phone", m.install("dbus"))
	}
	return c.ok(path)
}
