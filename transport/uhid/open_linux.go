package uhid

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// path is where the kernel listens.
const path = "/dev/uhid"

// Open opens /dev/uhid. Nothing is to be seen before [Device.Serve].
func Open() (*Device, error) { return open(path) }

func open(path string) (*Device, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: load the module (modprobe uhid); where the kernel has none, take a socket or passkeylab exec", err)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: run as root, or let a udev rule give you %s", err, path)
	case err != nil:
		return nil, err
	}
	return &Device{kernel: f}, nil
}
