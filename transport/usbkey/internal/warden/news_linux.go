//go:build amd64 || arm64

package warden

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

// udevGroup is the multicast group in which udev tells of devices.
const udevGroup = 2

// news tells those who listen to udev of our devices, and of no others. They
// listen on sockets from a network namespace of its own, so that nobody else hears
// it and that it may speak there.
type news struct {
	tasks chan func()
	err   error // why there is no namespace; may be read in tasks
}

// listen returns a socket for a program that wants to hear of devices.
func (n *news) listen(kind int) (fd int, err error) {
	if n.tasks == nil { // only now it is worth a namespace
		n.tasks = make(chan func())
		go n.run()
	}
	n.do(func() {
		if err = n.err; err == nil {
			fd, err = unix.Socket(unix.AF_NETLINK, kind|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
		}
	})
	return fd, err
}

// tell tells whoever has asked to hear of devices.
func (n *news) tell(action sysfs.Action, d sysfs.Device) (err error) {
	if n.tasks == nil {
		return nil
	}
	n.do(func() {
		if n.err == nil { // otherwise nobody listens
			err = send(d.Events(action))
		}
	})
	return err
}

// do has the thread in the namespace do something.
func (n *news) do(task func()) {
	done := make(chan struct{})
	n.tasks <- func() { defer close(done); task() }
	<-done
}

// run keeps a thread in the namespace.
func (n *news) run() {
	runtime.LockOSThread() // for good: the thread is of no other use
	n.err = unix.Unshare(unix.CLONE_NEWNET)
	for task := range n.tasks {
		task()
	}
}

func send(events [][]byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for _, e := range events {
		err := unix.Sendto(fd, e, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: udevGroup})
		if err != nil && !errors.Is(err, unix.ECONNREFUSED) { // nobody listens any more
			return err
		}
	}
	return nil
}
