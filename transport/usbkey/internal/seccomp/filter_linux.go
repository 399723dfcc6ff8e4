//go:build amd64 || arm64

package seccomp

import (
	"errors"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hidRequest is the letter of HID requests, where it lies in the number of an
// ioctl.
const hidRequest = 'H' << 8

// Offsets in what a filter sees of a call.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16 // 8 bytes each, the low half first
)

// rule says what becomes of one system call. A filter sees numbers only, never
// what they point at: of the calls that open files it tells those that read and
// write apart, which are few, and the rest costs next to nothing.
type rule struct {
	call uint32
	body []unix.SockFilter
}

var rules = slices.Concat([]rule{
	{unix.SYS_IOCTL, masked(1, 0xff00, hidRequest)},
	{unix.SYS_OPENAT, masked(2, unix.O_ACCMODE, unix.O_RDWR)},
	{unix.SYS_SOCKET, slices.Concat(
		unless(0, unix.AF_NETLINK), unless(2, unix.NETLINK_KOBJECT_UEVENT), []unix.SockFilter{notify},
	)},
	{unix.SYS_OPENAT2, []unix.SockFilter{notify}}, // its flags are out of sight
}, callsOf)

var (
	allow  = unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
	notify = unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF}
)

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

// unlessEqual skips instructions when what was loaded is something else.
func unlessEqual(value uint32, skip int) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jf: uint8(skip)}
}

// masked tells of calls with a value under a mask of an argument, and allows
// others.
func masked(argument, mask, value uint32) []unix.SockFilter {
	return []unix.SockFilter{
		load(offsetArgs + 8*argument),
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: mask},
		unlessEqual(value, 1), notify, allow,
	}
}

// unless allows calls whose argument has another value.
func unless(argument, value uint32) []unix.SockFilter {
	return []unix.SockFilter{
		load(offsetArgs + 8*argument),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jt: 1}, allow,
	}
}

// program is the filter. Calls by another ABI of the machine pass.
func program() []unix.SockFilter {
	p := []unix.SockFilter{load(offsetArch), {Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: auditArch, Jt: 1}, allow, load(offsetNumber)}
	for _, r := range rules {
		p = append(append(p, unlessEqual(r.call, len(r.body))), r.body...)
	}
	return append(p, allow)
}

// Install puts the calling thread, and all that it starts from here on, under the
// filter, and returns the descriptor at which their calls are answered. They can
// gain no privileges from then on. The caller must have locked the thread.
func Install() (listener int, err error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, err
	}
	filter := program()
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	// A call that is being answered is not begun anew by a signal; Linux before
	// 5.19 does not know that.
	for _, flags := range []uintptr{unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, 0} {
		fd, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
			unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|flags, uintptr(unsafe.Pointer(&prog)))
		if errno == 0 {
			return int(fd), nil
		}
		if err = errno; !errors.Is(err, unix.EINVAL) {
			break
		}
	}
	return -1, err
}
