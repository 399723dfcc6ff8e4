//go:build amd64 || arm64

package seccomp

import (
	"errors"
	"io"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Call is a system call that waits for its answer. A Call that is answered, or
// whose thread was killed, is over: answering it then fails.
type Call struct {
	id     uint64
	Thread int // as this process numbers threads
	Number int
	Args   [6]uint64
}

// Open is what a call that opens a file says.
type Open struct {
	Folder int     // that Path is relative to, or AT_FDCWD
	Path   uintptr // in the caller's memory
	Flags  int
	How    uintptr // where openat2 has its flags, else 0
}

// AsOpen reads the arguments of a call that opens a file; ok is false for others.
func (c Call) AsOpen() (o Open, ok bool) {
	switch c.Number {
	case unix.SYS_OPENAT:
		return Open{Folder: int(int32(c.Args[0])), Path: uintptr(c.Args[1]), Flags: int(c.Args[2])}, true
	case unix.SYS_OPENAT2:
		return Open{Folder: int(int32(c.Args[0])), Path: uintptr(c.Args[1]), How: uintptr(c.Args[2])}, true
	}
	return openArguments(c)
}

// AsListen reads the type of a socket that is made to hear of devices; ok is false
// for other calls.
func (c Call) AsListen() (kind int, ok bool) {
	return int(c.Args[1]), c.Number == unix.SYS_SOCKET
}

// Listener is where calls are answered.
type Listener struct{ fd int }

// NewListener takes a descriptor that [Install] returned.
func NewListener(fd int) *Listener {
	// Waking the caller on the processor of the answerer is quicker; Linux before
	// 6.6 does not know that.
	_ = unix.IoctlSetInt(fd, unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	return &Listener{fd}
}

// Close lets go of it; calls that would wait from then on fail with ENOSYS.
func (l *Listener) Close() error { return unix.Close(l.fd) }

// notification is the kernel's seccomp_notif.
type notification struct {
	id        uint64
	pid       uint32
	flags     uint32
	number    int32
	arch      uint32
	ip        uint64
	arguments [6]uint64
}

// response is seccomp_notif_resp.
type response struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// addition is seccomp_notif_addfd.
type addition struct {
	id       uint64
	flags    uint32
	source   uint32
	number   uint32
	newFlags uint32
}

// Receive waits for the next call. It ends with [io.EOF] when nobody is left under
// the filter, or when stop becomes readable or is hung up.
func (l *Listener) Receive(stop int) (Call, error) {
	for {
		fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}, {Fd: int32(stop), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); errors.Is(err, unix.EINTR) {
			continue
		} else if err != nil {
			return Call{}, err
		}
		if fds[1].Revents != 0 || fds[0].Revents&unix.POLLIN == 0 {
			return Call{}, io.EOF
		}
		var n notification
		_, err := l.control(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n))
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EINTR) {
			continue // it was killed meanwhile
		}
		return Call{n.id, int(n.pid), int(n.number), n.arguments}, err
	}
}

// Valid reports whether the call still waits: what was read of its thread before
// was the thread's.
func (l *Listener) Valid(c Call) bool {
	_, err := l.control(unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&c.id))
	return err == nil
}

// Continue lets the kernel make the call as if nobody had looked.
func (l *Listener) Continue(c Call) {
	l.send(response{id: c.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE})
}

// Return answers with a value.
func (l *Listener) Return(c Call, value int) { l.send(response{id: c.id, value: int64(value)}) }

// Fail answers with an error.
func (l *Listener) Fail(c Call, errno unix.Errno) { l.send(response{id: c.id, errno: -int32(errno)}) }

// Give answers with a descriptor of the caller's own for an open file of ours. It
// is done in two steps although the kernel has one for both
// (SECCOMP_ADDFD_FLAG_SEND): when a signal comes to us in the middle of that one,
// and Go sends itself many, the caller is told 0 and gets no descriptor.
func (l *Listener) Give(c Call, fd int, closeOnExec bool) error {
	a := addition{id: c.id, source: uint32(fd)}
	if closeOnExec {
		a.newFlags = unix.O_CLOEXEC
	}
	theirs, err := l.control(unix.SECCOMP_IOCTL_NOTIF_ADDFD, unsafe.Pointer(&a))
	if err != nil {
		return err
	}
	l.Return(c, theirs)
	return nil
}

// send fails only when the caller has been killed, which is no news to it.
func (l *Listener) send(r response) {
	_, _ = l.control(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
}

func (l *Listener) control(request uintptr, structure unsafe.Pointer) (int, error) {
	result, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), request, uintptr(structure))
	runtime.KeepAlive(structure)
	if errno != 0 {
		return -1, errno
	}
	return int(result), nil
}
