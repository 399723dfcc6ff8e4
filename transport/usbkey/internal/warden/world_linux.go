//go:build amd64 || arm64

package warden

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

const (
	sysRoot = "/sys"
	devRoot = "/dev"
	runRoot = "/run"
)

// enter makes this process's /sys and /dev its own, with devices in them. The
// process must be in a mount namespace of its own.
func enter(devices []sysfs.Device) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return &fs.PathError{Op: "make private", Path: "/", Err: err}
	}
	folders := map[string]bool{}
	for _, d := range devices {
		for _, e := range d.Entries() {
			for folder := path.Dir(e.Path); folder != "."; folder = path.Dir(folder) {
				folders[folder] = true
			}
		}
	}
	for _, o := range []*overlay{{root: sysRoot, own: folders}, {root: devRoot}} {
		if err := o.cover(); err != nil {
			return err
		}
	}
	for _, d := range devices {
		if err := plug(d); err != nil {
			return err
		}
	}
	return pretendUdev()
}

// pretendUdev has libudev believe that there is somebody to listen to: it looks for
// the socket of udev's, and never for what is behind.
func pretendUdev() error {
	const control = "udev/control"
	if _, err := os.Lstat(path.Join(runRoot, control)); err == nil {
		return nil
	}
	run := &overlay{root: runRoot, own: map[string]bool{path.Dir(control): true}}
	if err := run.cover(); errors.Is(err, fs.ErrNotExist) {
		return nil // then there is no place for it
	} else if err != nil {
		return err
	}
	return write(path.Join(runRoot, control), sysfs.Entry{})
}

// plug adds a device: its node first, so that whoever finds it in /sys can open
// it.
func plug(d sysfs.Device) error {
	if err := bind(fmt.Sprintf("%s/pts/%d", devRoot, d.Minor), path.Join(devRoot, d.Node)); err != nil {
		return err
	}
	for _, e := range d.Entries() {
		if err := write(path.Join(sysRoot, e.Path), e); err != nil {
			return err
		}
	}
	return nil
}

func write(at string, e sysfs.Entry) error {
	if err := os.MkdirAll(path.Dir(at), 0o755); err != nil {
		return err
	}
	if e.Link != "" {
		return os.Symlink(e.Link, at)
	}
	return os.WriteFile(at, e.Content, 0o444)
}

// unplug removes a device.
func unplug(d sysfs.Device) error {
	var err error
	for _, e := range d.Entries() {
		if !strings.HasPrefix(e.Path, d.Folder()+"/") {
			err = errors.Join(err, os.Remove(path.Join(sysRoot, e.Path)))
		}
	}
	node := path.Join(devRoot, d.Node)
	return errors.Join(err, os.RemoveAll(path.Join(sysRoot, d.Folder())), unix.Unmount(node, unix.MNT_DETACH), os.Remove(node))
}
