//go:build amd64 || arm64

package usbkey

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// terminal is a pseudoterminal in raw mode: to programs it is a character device
// that they read and write, as a hidraw node is, and what they write to it comes
// out of master. release lets go of the programs' end.
type terminal struct {
	master  *os.File
	slave   int // descriptor of the program's end, until release
	release func()
	id      inode
	dev     uint64 // its number as a device
}

// inode tells files apart, whatever their names.
type inode struct{ device, number uint64 }

// newTerminal opens one. Once our hold of the programs' end is released and the
// last of them has closed it, reading from master fails. flags are those of open; they hold for the program's end.
func newTerminal(flags int) (*terminal, error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &UnavailableError{&fs.PathError{Op: "open", Path: "/dev/ptmx", Err: err}, "mount devpts, and raise kernel.pty.max if there are too many terminals"}
	}
	t := &terminal{master: os.NewFile(uintptr(fd), "/dev/ptmx"), release: func() {}}
	if err := t.open(fd, flags); err != nil {
		return nil, errors.Join(fmt.Errorf("pseudoterminal: %w", err), t.close())
	}
	return t, nil
}

func (t *terminal) open(fd, flags int) error {
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return err
	}
	flags = flags&unix.O_NONBLOCK | unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, uintptr(flags))
	if errno != 0 {
		return errno
	}
	t.slave = int(slave)
	t.release = sync.OnceFunc(func() { _ = unix.Close(t.slave) })
	var stat unix.Stat_t
	if err := unix.Fstat(t.slave, &stat); err != nil {
		return err
	}
	t.id, t.dev = inode{stat.Dev, stat.Ino}, stat.Rdev
	return raw(t.slave)
}

// raw has a terminal change no byte, and give whole reports to those who read.
func raw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = reportSize, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

// close hangs up on the programs that have it open.
func (t *terminal) close() error {
	t.release()
	return t.master.Close()
}
