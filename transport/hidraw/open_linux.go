package hidraw

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// List returns the FIDO devices of this machine. That one is listed does not say
// that this user may open it.
func List() ([]Device, error) { return list(os.DirFS("/sys")) }

// Why a file is not opened.
var (
	errNoHidraw  = errors.New("no hidraw file: passkeylab doctor tells which there are")
	errForbidden = errors.New("this user may not open it: udev gives keys to whoever is logged in at the machine; else run as root")
)

func open(path string) (link, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return link{}, errForbidden
	case err != nil:
		return link{}, reason(err)
	}
	l, err := prepare(f)
	if err != nil {
		return link{}, errors.Join(err, f.Close())
	}
	return l, nil
}

// reason drops the path, which a caller says already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// prepare learns what a file's reports are like.
func prepare(f *os.File) (link, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return link{}, err
	}
	var descriptor []byte
	var asked error
	if err := raw.Control(func(fd uintptr) { descriptor, asked = descriptorOf(int(fd)) }); err != nil {
		return link{}, err
	}
	if asked != nil {
		return link{}, errNoHidraw
	}
	in, out, err := hid.ReadDescriptor(descriptor)
	return link{f, in, out}, err
}

// descriptorOf asks the kernel for the report descriptor of an open file. It hands
// out as much as it is told to, and fails for more than there can be.
func descriptorOf(fd int) ([]byte, error) {
	size, err := unix.IoctlGetUint32(fd, unix.HIDIOCGRDESCSIZE)
	if err != nil {
		return nil, err
	}
	d := unix.HIDRawReportDescriptor{Size: size}
	if err := unix.IoctlHIDGetDesc(fd, &d); err != nil {
		return nil, err
	}
	return d.Value[:min(int(d.Size), len(d.Value))], nil
}
