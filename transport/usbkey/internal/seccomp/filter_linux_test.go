//go:build amd64 || arm64

package seccomp

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The filter is run as the kernel would, on what it would see of a call.
func TestWhichCallsAreToldOf(t *testing.T) {
	t.Parallel()
	var raw []bpf.RawInstruction
	for _, i := range program() {
		raw = append(raw, bpf.RawInstruction{Op: i.Code, Jt: i.Jt, Jf: i.Jf, K: i.K})
	}
	instructions, whole := bpf.Disassemble(raw)
	require.True(t, whole)
	vm, err := bpf.NewVM(instructions)
	require.NoError(t, err)

	const hid, terminal = 0x80044801, 0x5401
	readWrite := uint64(unix.O_RDWR | unix.O_CLOEXEC | unix.O_NONBLOCK)
	for name, c := range map[string]struct {
		arch, call uint32
		arguments  [3]uint64
		told       bool
	}{
		"HID request":              {auditArch, unix.SYS_IOCTL, [3]uint64{7, hid}, true},
		"HID request, wide":        {auditArch, unix.SYS_IOCTL, [3]uint64{7, hid | 1<<63}, true},
		"terminal request":         {auditArch, unix.SYS_IOCTL, [3]uint64{7, terminal}, false},
		"H elsewhere":              {auditArch, unix.SYS_IOCTL, [3]uint64{7, 0x00480001}, false},
		"openat to read and write": {auditArch, unix.SYS_OPENAT, [3]uint64{0, 0, readWrite}, true},
		"openat to read":           {auditArch, unix.SYS_OPENAT, [3]uint64{0, 0, unix.O_RDONLY | unix.O_CLOEXEC}, false},
		"openat to write":          {auditArch, unix.SYS_OPENAT, [3]uint64{0, 0, unix.O_WRONLY | unix.O_CREAT}, false},
		"openat2":                  {auditArch, unix.SYS_OPENAT2, [3]uint64{}, true},
		"socket for news":          {auditArch, unix.SYS_SOCKET, [3]uint64{unix.AF_NETLINK, unix.SOCK_RAW | unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT}, true},
		"netlink socket":           {auditArch, unix.SYS_SOCKET, [3]uint64{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, false},
		"another socket":           {auditArch, unix.SYS_SOCKET, [3]uint64{unix.AF_INET, unix.SOCK_RAW, unix.NETLINK_KOBJECT_UEVENT}, false},
		"read":                     {auditArch, unix.SYS_READ, [3]uint64{unix.O_RDWR, hid, unix.O_RDWR}, false},
		"another ABI":              {unix.AUDIT_ARCH_I386, unix.SYS_OPENAT, [3]uint64{0, 0, readWrite}, false},
	} {
		// The machine of package bpf reads words big-endian.
		seen := binary.BigEndian.AppendUint32(nil, c.call)
		seen = binary.BigEndian.AppendUint32(seen, c.arch)
		seen = append(seen, make([]byte, 8)...) // where the call was made
		for _, a := range c.arguments {
			seen = binary.BigEndian.AppendUint32(seen, uint32(a))
			seen = binary.BigEndian.AppendUint32(seen, uint32(a>>32))
		}
		verdict, err := vm.Run(seen)
		require.NoError(t, err, name)
		want := unix.SECCOMP_RET_ALLOW
		if c.told {
			want = unix.SECCOMP_RET_USER_NOTIF
		}
		assert.Equal(t, want, verdict, name)
	}
}

func TestArgumentsOfCallsThatOpen(t *testing.T) {
	t.Parallel()
	o, is := Call{Number: unix.SYS_OPENAT, Args: [6]uint64{1<<32 - 100, 0x1000, unix.O_RDWR}}.AsOpen()
	assert.True(t, is)
	assert.Equal(t, Open{Folder: unix.AT_FDCWD, Path: 0x1000, Flags: unix.O_RDWR}, o)
	o, is = Call{Number: unix.SYS_OPENAT2, Args: [6]uint64{5, 0x1000, 0x2000}}.AsOpen()
	assert.True(t, is)
	assert.Equal(t, Open{Folder: 5, Path: 0x1000, How: 0x2000}, o)
	_, is = Call{Number: unix.SYS_IOCTL}.AsOpen()
	assert.False(t, is)
}
