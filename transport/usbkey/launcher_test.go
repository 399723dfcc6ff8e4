//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// refusals are what containers do: system calls that fail, by the flags in an
// argument of theirs.
var refusals = map[string]refusal{
	"namespaces":    {unix.SYS_CLONE, 0, unix.CLONE_NEWUSER | unix.CLONE_NEWNS, unix.EPERM},
	"no-namespaces": {unix.SYS_CLONE, 0, unix.CLONE_NEWUSER | unix.CLONE_NEWNS, unix.ENOSPC},
	"mounts":        {unix.SYS_MOUNT, 3, unix.MS_PRIVATE, unix.EACCES},
	"listeners":     {unix.SYS_SECCOMP, 1, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, unix.EINVAL},
}

type refusal struct {
	call, argument, flags uint32
	errno                 unix.Errno
}

// install has the system refuse this thread, and what it starts, something.
func (r refusal) install() error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: r.call, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 16 + 8*r.argument},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: r.flags, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(r.errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); errno != 0 {
		return errno
	}
	return nil
}

// launch is a deed: the puppet starts a command with a key itself, where the
// system refuses something, or nothing. The command starts others.
func launch(args ...string) (string, error) {
	runtime.LockOSThread() // for good: so that the thread dies with its filter
	if r, ok := refusals[args[0]]; ok {
		if err := r.install(); err != nil {
			return "", err
		}
	}
	server, err := transport.NewHIDServer(echo{})
	if err != nil {
		return "", err
	}
	cmd := exec.Command("sh", "-c", "sleep 1000 & setsid sleep 1000 & wait")
	cmd.Stdout = os.Stdout
	_, err = usbkey.Start(cmd, usbkey.Key{Server: server})
	var unavailable *usbkey.UnavailableError
	if errors.As(err, &unavailable) {
		return "unavailable: " + unavailable.Mend, nil
	}
	return "it runs", err
}

// launcher starts a puppet that has no keys, as an ordinary user if that is wanted
// and possible.
func launcher(t *testing.T, ordinary bool) *puppet {
	t.Helper()
	p := pipes(t, childCommand(t))
	if ordinary && os.Geteuid() == 0 {
		const nobody = 65534
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.in.Close()
		_ = p.cmd.Wait() // it may have been killed
	})
	return p
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for refused, says := range map[string]string{
		"namespaces": "allow user namespaces", "no-namespaces": "max_user_namespaces",
		"mounts": "mount pass", "listeners": "CONFIG_SECCOMP_FILTER",
	} {
		t.Run(refused, func(t *testing.T) {
			t.Parallel()
			answer := launcher(t, true).do(t, "launch", refused)
			assert.Regexp(t, "^unavailable: .*"+says, answer)
		})
	}
	t.Run("a key within a key", func(t *testing.T) {
		t.Parallel()
		answer := start(t, newKey(t)).do(t, "launch", "nothing")
		assert.Regexp(t, "^unavailable: .*somebody already", answer)
	})
}

// Whoever is killed leaves nothing: not what the command started, and no mount.
func TestKilledLaunchers(t *testing.T) {
	t.Parallel()
	for name, ordinary := range map[string]bool{"ordinary user": true, "this user": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := launcher(t, ordinary)
			require.Equal(t, "it runs", p.do(t, "launch", "nothing"))
			require.NoError(t, p.cmd.Process.Kill())
			assert.False(t, p.out.Scan(), "the output ends when nobody has it any more")
			mounts, err := os.ReadFile("/proc/self/mounts")
			require.NoError(t, err)
			assert.NotContains(t, string(mounts), "passkeylab")
		})
	}
}
