//go:build amd64 || arm64

package usbkey

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/seccomp"
	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
	"github.com/passkeylab/passkeylab/transport/usbkey/internal/warden"
)

// nodePrefix begins the names of hidraw nodes.
const nodePrefix = "hidraw"

// supervise answers system calls of the command until nobody is left who makes
// any, or stop is readable.
func (b *Bus) supervise(l *seccomp.Listener, stop int) {
	defer l.Close()
	for {
		call, err := l.Receive(stop)
		if err != nil {
			return
		}
		if open, is := call.AsOpen(); is {
			b.open(l, call, open)
		} else if kind, is := call.AsListen(); is {
			b.listen(l, call, kind)
		} else {
			b.ioctl(l, call)
		}
	}
}

// open gives a program that opens a key for reading and writing a terminal of its
// own. Whatever is not a key, or cannot be looked at, is the kernel's to open; a
// key then is the terminal that all share.
func (b *Bus) open(l *seccomp.Listener, call seccomp.Call, open seccomp.Open) {
	s, flags := b.opens(thread(call.Thread), open)
	if s == nil || !l.Valid(call) {
		l.Continue(call)
		return
	}
	t, err := s.open(flags)
	if err != nil { // unplugged, or too many have it open
		l.Continue(call)
		return
	}
	defer t.release()
	if err := l.Give(call, t.slave, flags&unix.O_CLOEXEC != 0); err != nil {
		l.Continue(call) // Linux before 5.9, or the thread was killed
	}
}

// opens finds the key that is opened, nil if it is none.
func (b *Bus) opens(t thread, open seccomp.Open) (s *slot, flags int) {
	name, err := t.text(open.Path, unix.PathMax)
	if err != nil || !strings.HasPrefix(path.Base(name), nodePrefix) {
		return nil, 0
	}
	if open.How != 0 {
		flags, err := t.number(open.How, 8)
		if err != nil {
			return nil, 0
		}
		open.Flags = int(flags)
	}
	if open.Flags&unix.O_ACCMODE != unix.O_RDWR || open.Flags&unix.O_PATH != 0 {
		return nil, 0
	}
	return b.at(t.path(name, open.Folder)), open.Flags
}

// at is the slot whose node has a path, nil for none.
func (b *Bus) at(name string) *slot {
	for _, s := range b.slots {
		if name == "/dev/"+s.device.Node {
			return s
		}
	}
	return nil
}

// listen gives a program a socket on which it hears of our keys alone, in place of
// one on which it would hear of the machine's devices.
func (b *Bus) listen(l *seccomp.Listener, call seccomp.Call, kind int) {
	b.orders.Lock()
	fd, err := b.order(warden.Order{Listen: kind})
	b.orders.Unlock()
	if err != nil {
		l.Continue(call)
		return
	}
	defer unix.Close(fd)
	if err := l.Give(call, fd, kind&unix.SOCK_CLOEXEC != 0); err != nil {
		l.Continue(call)
	}
}

// ioctl answers what a program asks a key about itself.
func (b *Bus) ioctl(l *seccomp.Listener, call seccomp.Call) {
	t := thread(call.Thread)
	fd, request, at := int(int32(call.Args[0])), uint32(call.Args[1]), uintptr(call.Args[2])
	device, found := b.behind(t, fd)
	if !found {
		l.Continue(call)
		return
	}
	var room uint64
	var err error
	if request&0xff == descriptor {
		room, err = t.number(at, 4)
	}
	answer := describe(device, request, uint32(room))
	switch {
	case !l.Valid(call): // and whose memory that is, nobody knows
	case err != nil:
		l.Fail(call, unix.EFAULT)
	case answer.errno != 0:
		l.Fail(call, answer.errno)
	case t.write(at+answer.offset, answer.data) != nil:
		l.Fail(call, unix.EFAULT)
	default:
		l.Return(call, answer.result)
	}
}

// behind finds the key that a thread has open under a descriptor.
func (b *Bus) behind(t thread, fd int) (sysfs.Device, bool) {
	file, err := t.file(fd)
	if err != nil {
		return sysfs.Device{}, false
	}
	for _, s := range b.slots {
		if device, has := s.has(file); has {
			return device, true
		}
	}
	return sysfs.Device{}, false
}
