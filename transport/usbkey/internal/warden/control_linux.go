//go:build amd64 || arm64

package warden

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

// Order is what a warden is told. The first one names the keys that are there
// when the command starts.
type Order struct {
	Plug   []sysfs.Device `json:",omitempty"`
	Unplug []sysfs.Device `json:",omitempty"`
	// Listen is the type of a socket to hear of devices on, which comes with the
	// reply.
	Listen int `json:",omitempty"`
	// Confined is whether privileges come of a user namespace. They are not handed
	// on to the command.
	Confined bool `json:",omitempty"`
}

// Reply follows every order. The first one that tells of no failure brings the
// descriptor at which system calls are answered.
type Reply struct {
	Failure *Failure `json:",omitempty"`
}

// Stage is what a warden was doing.
type Stage string

// Stages.
const (
	Mounting  Stage = "making a /sys and a /dev of its own"
	Filtering Stage = "putting the command under a seccomp filter"
	Starting  Stage = "starting the command"
	Listening Stage = "making a socket to hear of devices on"
	Trying    Stage = "trying the key"
)

// Failure is an error of a warden.
type Failure struct {
	Stage Stage
	Text  string
	Errno syscall.Errno `json:",omitempty"`
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Stage, f.Text) }

// Unwrap returns the number of the error, if it has one.
func (f *Failure) Unwrap() error {
	if f.Errno == 0 {
		return nil
	}
	return f.Errno
}

// failed is err as a failure, nil for none.
func failed(at Stage, err error) *Failure {
	if err == nil {
		return nil
	}
	f := &Failure{Stage: at, Text: err.Error()}
	_ = errors.As(err, &f.Errno) // 0 for other errors
	return f
}

// maxMessage bounds an order and a reply, in bytes.
const maxMessage = 64 << 10

// Control is an end of the socket between a warden and who started it.
type Control struct{ conn *net.UnixConn }

// Pair returns our end, and the warden's to hand down to it.
func Pair() (ours *Control, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs = os.NewFile(uintptr(fds[1]), "control of the warden")
	if ours, err = NewControl(fds[0]); err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

// NewControl takes the descriptor of an end.
func NewControl(fd int) (*Control, error) {
	f := os.NewFile(uintptr(fd), "control")
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return &Control{conn.(*net.UnixConn)}, nil
}

// Close closes this end. A warden ends with all that is under it when the other
// end closes.
func (c *Control) Close() error { return c.conn.Close() }

// Send sends a message, with a descriptor if fd is not negative.
func (c *Control) Send(message any, fd int) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	var rights []byte
	if fd >= 0 {
		rights = unix.UnixRights(fd)
	}
	_, _, err = c.conn.WriteMsgUnix(text, rights, nil)
	return err
}

// Receive waits for a message. fd is -1 if none came with it, and the caller's to
// close otherwise. The error is [io.EOF] when the other end has gone.
func (c *Control) Receive(message any) (fd int, err error) {
	text, rights := make([]byte, maxMessage), make([]byte, unix.CmsgSpace(4))
	n, nRights, _, _, err := c.conn.ReadMsgUnix(text, rights)
	if err != nil {
		return -1, err
	}
	if n == 0 {
		return -1, io.EOF
	}
	if fd, err = descriptor(rights[:nRights]); err != nil {
		return -1, err
	}
	return fd, json.Unmarshal(text[:n], message)
}

func descriptor(rights []byte) (int, error) {
	if len(rights) == 0 {
		return -1, nil
	}
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return -1, err
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(fds[0])
	return fds[0], nil
}
