package seccomp

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// callsOf are those of this machine alone.
var callsOf = []rule{{unix.SYS_OPEN, masked(1, unix.O_ACCMODE, unix.O_RDWR)}}

// openArguments tells where open has what [Open] needs; ok is false for other
// calls.
func openArguments(c Call) (o Open, ok bool) {
	if c.Number != unix.SYS_OPEN {
		return Open{}, false
	}
	return Open{Folder: unix.AT_FDCWD, Path: uintptr(c.Args[0]), Flags: int(c.Args[1])}, true
}
