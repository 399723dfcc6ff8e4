package doctor_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/internal/doctor"
)

// without returns the files of a healthy machine but those.
func without(names ...string) func(*doctor.Machine) {
	return func(m *doctor.Machine) {
		kept := fstest.MapFS{}
		for name, file := range m.Files.(fstest.MapFS) {
			if !slices.Contains(names, name) {
				kept[name] = file
			}
		}
		m.Files = kept
	}
}

func failing(err error) func(*doctor.Machine) {
	return func(m *doctor.Machine) { m.Open = func(string) error { return err } }
}

// doors are the checks about the ways to a device.
var doors = []string{"sockets", "uhid", "hidg", "hidraw", "pcsc", "bluetooth", "dbus"}

func TestDoors(t *testing.T) {
	t.Parallel()
	const vpcd = "usr/lib/pcsc/drivers/serial/libifdvpcd.so"
	for _, c := range []struct {
		name             string
		change           func(*doctor.Machine)
		id, detail, mend string
	}{
		{"no loopback", func(m *doctor.Machine) {
			m.Listen = func(context.Context, string) error { return errors.New("denied") }
		}, "sockets", "unix: alone, since denied", "loopback"},
		{"no uhid", failing(fs.ErrNotExist), "uhid", "no /dev/uhid", "modprobe uhid"},
		{"uhid of others", failing(fs.ErrPermission), "uhid", "may not open", "run as root"},
		{"uhid that is broken", failing(errors.New("no such device")), "uhid", "no such device", "dmesg"},
		{"no device controller", without("sys/class/udc/fe980000.usb/state"), "hidg", "no device controller", "a board"},
		{"no configfs", without("sys/kernel/config/usb_gadget"), "hidg", "configfs", "modprobe libcomposite"},
		{"no key", without("dev/hidraw0"), "hidraw", "no /dev/hidraw file", "plug a key in"},
		{"somebody else's key", failing(fs.ErrPermission), "hidraw", "may not open /dev/hidraw0", "libfido2-1"},
		{"no cards at all", without("usr/sbin/pcscd", vpcd), "pcsc", "neither", "pcscd vsmartcard-vpcd"},
		{"no pcscd", without("usr/sbin/pcscd"), "pcsc", "no pcscd", "pcscd"},
		{"no virtual reader", without(vpcd), "pcsc", "no virtual reader", "vsmartcard-vpcd"},
		{"no adapter", without("sys/class/bluetooth/hci0/address"), "bluetooth", "no adapter", "adapter"},
		{"no BlueZ", without("usr/libexec/bluetooth/bluetoothd"), "bluetooth", "1 adapter(s), but no BlueZ", "bluez"},
		{"no D-Bus", func(m *doctor.Machine) { m.LookPath = programs() }, "dbus", "no dbus-daemon", "dbus"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := healthy()
			assert.Equal(t, doctor.OK, find(t, doctor.Examine(t.Context(), m), c.id).State)
			c.change(&m)
			got := find(t, doctor.Examine(t.Context(), m), c.id)
			assert.Equal(t, doctor.Limited, got.State, "no journey needs it")
			assert.Contains(t, got.Detail, c.detail)
			assert.Contains(t, got.Mend, c.mend)
		})
	}
}

func TestDoorsElsewhere(t *testing.T) {
	t.Parallel()
	m := healthy()
	m.OS = "darwin"
	checks := doctor.Examine(t.Context(), m)
	for _, id := range doors[1:] {
		got := find(t, checks, id)
		assert.Equal(t, doctor.Limited, got.State, id)
		assert.Contains(t, got.Mend, "use sockets", id)
	}
}
