//go:build amd64 || arm64

package warden

import (
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestParent(t *testing.T) {
	t.Parallel()
	for stat, want := range map[string]string{
		"12 (sh) S 7 12 12 0":       "7",
		"12 (a) b) R 8) R 9 12 0":   "9",
		"12 (a name (odd)) Z 10 12": "10",
		"12 (cut off) S":            "",
		"":                          "",
	} {
		assert.Equal(t, want, string(parent([]byte(stat))), stat)
	}
	stat, err := os.ReadFile("/proc/self/stat")
	require.NoError(t, err)
	assert.Equal(t, strconv.Itoa(os.Getppid()), string(parent(stat)))
}

func TestChildren(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	assert.Contains(t, children(), cmd.Process.Pid)
	assert.NotContains(t, children(), os.Getpid())
	require.NoError(t, in.Close())
	require.NoError(t, cmd.Wait())
}

func TestFailures(t *testing.T) {
	t.Parallel()
	assert.Nil(t, failed(Mounting, nil))
	f := failed(Mounting, &os.PathError{Op: "mount", Path: "/sys", Err: os.ErrPermission})
	require.NoError(t, f.Unwrap(), "it has no number")
	assert.Equal(t, string(Mounting)+": mount /sys: permission denied", f.Error())
}

func TestControl(t *testing.T) {
	t.Parallel()
	ours, theirs, err := Pair()
	require.NoError(t, err)
	defer ours.Close()
	inherited, err := unix.Dup(int(theirs.Fd()))
	require.NoError(t, err)
	require.NoError(t, theirs.Close())
	far, err := NewControl(inherited)
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()

	require.NoError(t, far.Send(Reply{Failure: &Failure{Stage: Trying, Text: "no"}}, int(w.Fd())))
	require.NoError(t, w.Close())
	var reply Reply
	fd, err := ours.Receive(&reply)
	require.NoError(t, err)
	assert.Equal(t, &Failure{Stage: Trying, Text: "no"}, reply.Failure)
	got := os.NewFile(uintptr(fd), "pipe")
	_, err = got.WriteString("x")
	require.NoError(t, err, "the descriptor came along")
	require.NoError(t, got.Close())

	require.NoError(t, far.Close())
	_, err = ours.Receive(&reply)
	require.Error(t, err, "the other end has gone")
}
