package hidg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/passkeylab/passkeylab/transport"
)

// Name is the address of a [Key] at the first device controller. An address with
// a controller of its own has its name after a colon.
const Name = "hidg"

// Is tells whether an address is one of a [Key].
func Is(address string) bool {
	name, _, _ := strings.Cut(address, ":")
	return name == Name
}

// Key is this machine as a security key, at the host that its device port leads
// to.
type Key struct {
	at machine
	// controller is the device controller, as in /sys/class/udc.
	controller string
	address    string
}

// machine is what a key needs of the machine.
type machine struct {
	configfs tree
	sys      fs.FS // /sys
	// open opens a file of /dev by its name there.
	open func(name string) (io.ReadWriteCloser, error)
}

// newKey returns a key at the controller of an address.
func newKey(at machine, address string) (*Key, error) {
	name, controller, chosen := strings.Cut(address, ":")
	if name != Name || chosen && controller == "" {
		return nil, fmt.Errorf("%q: give it as hidg, or hidg:CONTROLLER with one of /sys/class/udc", address)
	}
	there, err := fs.ReadDir(at.sys, "class/udc")
	if err != nil || len(there) == 0 {
		return nil, errors.New("hidg: this machine has no device controller (/sys/class/udc is empty): it takes a board with a USB device port")
	}
	if !chosen {
		controller = there[0].Name()
	}
	if _, err := fs.Stat(at.sys, "class/udc/"+controller); err != nil {
		return nil, fmt.Errorf("%s: there is no such device controller in /sys/class/udc", address)
	}
	return &Key{at, controller, address}, nil
}

// Address returns what the key was opened by.
func (k *Key) Address() string { return k.address }

// Close has nothing to let go of: a key that is not served takes nothing.
func (k *Key) Close() error { return nil }

// Serve makes the gadget, plugs it in and serves the host until ctx ends, which is
// no error; then the gadget is removed.
func (k *Key) Serve(ctx context.Context, device *transport.HIDServer) (err error) {
	in, out := device.ReportSizes()
	if err := build(k.at.configfs, k.controller, in, out); err != nil {
		return fmt.Errorf("hidg: making the gadget: %w", err)
	}
	defer func() {
		if torn := tear(k.at.configfs); torn != nil {
			err = errors.Join(err, fmt.Errorf("hidg: removing the gadget: %w", torn))
		}
	}()
	file, err := k.openReports()
	if err != nil {
		return fmt.Errorf("hidg: opening the gadget's reports: %w", err)
	}
	defer file.Close()
	defer context.AfterFunc(ctx, func() { _ = file.Close() })()
	if err := exchange(file, out, device); ctx.Err() == nil {
		return fmt.Errorf("hidg: %w", err)
	}
	return nil
}

// openReports opens the file that the gadget's reports go through.
func (k *Key) openReports() (io.ReadWriteCloser, error) {
	number, err := k.at.configfs.Read(function + "/dev")
	if err != nil {
		return nil, err
	}
	about, err := fs.ReadFile(k.at.sys, "dev/char/"+strings.TrimSpace(number)+"/uevent")
	if err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(strings.NewReader(string(about))); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "DEVNAME="); ok {
			return k.at.open(name)
		}
	}
	return nil, fmt.Errorf("the kernel tells no name of device %s", strings.TrimSpace(number))
}

// exchange serves the host until reading fails, and returns why. Reports of the
// gadget have no number before them, in either direction.
func exchange(file io.ReadWriteCloser, size int, device *transport.HIDServer) error {
	bus, err := device.OpenBus(func(report []byte) error {
		_, err := file.Write(report)
		return err
	})
	if err != nil {
		return err
	}
	defer bus.Close()
	defer file.Close() // which ends a write that the host does not take
	for report := make([]byte, size); ; {
		n, err := file.Read(report)
		if err != nil {
			return err
		}
		bus.Report(report[:n])
	}
}
