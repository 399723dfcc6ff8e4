package hidg

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// tree is configfs, in which folders are objects of the kernel: making one makes
// the object, and with it the files of its attributes; removing it removes them.
// Names are paths from its root.
type tree interface {
	Mkdir(name string) error
	Write(name, text string) error
	Symlink(to, name string) error
	Remove(name string) error // of an empty folder, attributes aside, or a link
	Read(name string) (string, error)
}

// Where the parts of the gadget are (Linux, Documentation/usb/gadget_configfs.rst).
const (
	root     = "usb_gadget/passkeylab"
	config   = root + "/configs/c.1"
	function = root + "/functions/hid.usb0"
	link     = config + "/hid.usb0"
	udc      = root + "/UDC" // the device controller it is plugged into, "" for none
	english  = "/strings/0x409"
)

// setting is an attribute and its value.
type setting struct{ name, value string }

// parts are the folders in the order in which they are made, each with its
// attributes.
func parts(in, out int) []struct {
	folder   string
	settings []setting
} {
	return []struct {
		folder   string
		settings []setting
	}{
		{root, []setting{
			{"idVendor", "0x1209"}, {"idProduct", "0x0001"}, // which pid.codes sets aside for tests
			{"bcdUSB", "0x0200"}, {"bcdDevice", "0x0100"},
		}},
		{root + english, []setting{{"manufacturer", "passkeylab"}, {"product", "security key"}, {"serialnumber", "1"}}},
		{config, []setting{{"MaxPower", "100"}}}, // mA
		{config + english, []setting{{"configuration", "FIDO"}}},
		{function, []setting{
			{"protocol", "0"}, {"subclass", "0"}, // no keyboard and no mouse
			{"report_length", fmt.Sprint(max(in, out))},
			{"report_desc", string(hid.Descriptor(in, out))},
		}},
	}
}

// build makes the gadget and plugs it into a device controller. What was made is
// removed again where that fails.
func build(t tree, controller string, in, out int) (err error) {
	if err := sweep(t); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tear(t))
		}
	}()
	for _, part := range parts(in, out) {
		if err := t.Mkdir(part.folder); err != nil {
			return err
		}
		for _, s := range part.settings {
			if err := t.Write(path.Join(part.folder, s.name), s.value); err != nil {
				return err
			}
		}
	}
	if err := t.Symlink(function, link); err != nil {
		return err
	}
	return t.Write(udc, controller+"\n")
}

// errInUse is why a gadget is not made.
var errInUse = fmt.Errorf("another passkeylab has its gadget plugged in; if none runs, it was killed: echo > /sys/kernel/config/%s", udc)

// sweep removes what a process left behind that did not come to it. A gadget that
// is plugged in is somebody's.
func sweep(t tree) error {
	controller, err := t.Read(udc)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case strings.TrimSpace(controller) != "":
		return errInUse
	}
	return tear(t)
}

// tear pulls the gadget out and removes it, as far as it is there.
func tear(t tree) error {
	failed := absent(t.Write(udc, "\n"))
	for _, name := range []string{link, config + english, config, function, root + english, root} {
		failed = errors.Join(failed, absent(t.Remove(name)))
	}
	return failed
}

// absent takes it for no error that something was not there, or not plugged in.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	return err
}
