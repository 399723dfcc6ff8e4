//go:build amd64 || arm64

package usbkey

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
	"github.com/passkeylab/passkeylab/transport/usbkey/internal/warden"
)

// anySysfs has libudev read a /sys that is no sysfs.
const anySysfs = "SYSTEMD_DEVICE_VERIFY_SYSFS=0"

// wrap makes cmd one that starts a warden, and that the command.
func (b *Bus) wrap(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	if err := b.prepare(cmd.SysProcAttr); err != nil {
		return err
	}
	socket := strconv.Itoa(3 + len(cmd.ExtraFiles))
	cmd.ExtraFiles = append(cmd.ExtraFiles, b.theirs)
	args := []string{warden.Marker, socket}
	if cmd.Path != "" {
		args = append(append(args, cmd.Path), cmd.Args...)
	}
	cmd.Path, cmd.Args = "/proc/self/exe", args
	cmd.Env = append(cmd.Environ(), anySysfs)
	if cmd.Cancel != nil {
		cmd.Cancel = b.control.Close
	}
	return nil
}

// prepare gives the warden namespaces of its own, and what it needs to be allowed
// in them.
func (b *Bus) prepare(attr *syscall.SysProcAttr) error {
	attr.Pdeathsig = 0 // the warden sees us go, and would not be able to tidy up
	// What is left may be set; it holds for the warden and the command alike.
	rest := *attr
	rest.Setsid, rest.Setpgid, rest.Pgid, rest.Setctty, rest.Noctty, rest.Ctty, rest.Foreground = false, false, 0, false, false, 0, false
	rest.PidFD = nil
	if !reflect.ValueOf(rest).IsZero() {
		return errors.New("SysProcAttr of a command with virtual keys may set its session, process group and terminal, and nothing else")
	}
	attr.Cloneflags = unix.CLONE_NEWNS
	if !b.confined {
		return nil
	}
	attr.Cloneflags |= unix.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
	// A program that is started has no others. To mount, and to speak as udev.
	attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN}
	return nil
}

// mayMount reports whether this process may mount as it is.
func mayMount() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if os.Geteuid() != 0 || unix.Capget(&header, &sets[0]) != nil {
		return false
	}
	return sets[0].Effective&(1<<unix.CAP_SYS_ADMIN) != 0
}

// place gives each key a port of the bus and a node, after those that the machine
// has.
func place(keys []Key) []*slot {
	next := 0
	for _, pattern := range []string{"/dev/hidraw*", "/sys/class/hidraw/hidraw*"} {
		there, _ := filepath.Glob(pattern) // the pattern is a good one
		for _, name := range there {
			if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(name), nodePrefix)); err == nil {
				next = max(next, n+1)
			}
		}
	}
	var slots []*slot
	for i, k := range keys {
		slots = append(slots, &slot{key: k, openers: map[*opener]bool{}, device: sysfs.Device{
			Node: nodePrefix + strconv.Itoa(next+i), Port: i + 1,
			Vendor: k.Vendor, Product: k.Product, Maker: k.Maker, Name: k.Name, Serial: k.Serial,
		}})
	}
	return slots
}
