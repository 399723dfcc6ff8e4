//go:build amd64 || arm64

package warden

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/seccomp"
	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

// Marker is the name by which a program is started to be a warden. After it come
// the number of the control socket's descriptor and the path and arguments of the
// command. Descriptors below the socket's are the command's. Without a command a
// warden tries the first key itself.
const Marker = "passkeylab-usb-key"

func init() {
	if len(os.Args) > 0 && os.Args[0] == Marker {
		os.Exit(run(os.Args[1:]))
	}
}

// statusFailed is how a warden ends that started no command. Why is in its reply.
const statusFailed = 2

func run(args []string) int {
	// The filter and what the command inherits are the thread's, and the kernel
	// kills the command when the thread that started it ends.
	runtime.LockOSThread()
	w, err := newWarden(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "passkeylab:", err)
		return statusFailed
	}
	if failure := w.begin(); failure != nil {
		_ = w.control.Send(Reply{Failure: failure}, -1) // whoever would read it may be gone
		return statusFailed
	}
	if w.path == "" {
		return w.try()
	}
	go w.obey()
	return w.await()
}

// warden is a warden's state.
type warden struct {
	control *Control
	files   []uintptr // of the command, by number
	path    string
	argv    []string
	first   Order
	command command
	news    news
}

var errArguments = errors.New("a warden was started by hand; it is for the use of passkeylab")

func newWarden(args []string) (*warden, error) {
	if len(args) == 0 {
		return nil, errArguments
	}
	number, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, errArguments
	}
	w := &warden{files: inherited(number)}
	if len(args) > 1 {
		w.path, w.argv = args[1], args[2:]
	}
	unix.CloseOnExec(number)
	if w.control, err = NewControl(number); err != nil {
		return nil, errArguments
	}
	return w, nil
}

// inherited are the descriptors below a number, those that are not open marked as
// such. What this process has opened itself closes on exec, unlike what it got.
func inherited(below int) []uintptr {
	files := make([]uintptr, below)
	for fd := range files {
		files[fd] = uintptr(fd)
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC != 0 {
			files[fd] = ^uintptr(0)
		}
	}
	return files
}

// begin does all up to the start of the command.
func (w *warden) begin() *Failure {
	if _, err := w.control.Receive(&w.first); err != nil {
		return failed(Mounting, err)
	}
	// Orphans of the command become our children, so that none is missed at the end.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return failed(Mounting, err)
	}
	listener, err := seccomp.Install()
	if err != nil {
		return failed(Filtering, err)
	}
	defer unix.Close(listener)
	if err := enter(w.first.Plug); err != nil {
		return failed(Mounting, err)
	}
	if w.path != "" {
		if err := w.start(); err != nil {
			return failed(Starting, err)
		}
	}
	return failed(Starting, w.control.Send(Reply{}, listener))
}

// obey carries out orders until there are none any more, which ends the command.
func (w *warden) obey() {
	defer w.command.kill()
	for {
		var o Order
		fd, err := w.control.Receive(&o)
		if err != nil {
			return
		}
		if fd >= 0 { // none is expected
			_ = unix.Close(fd)
		}
		if err := w.carryOut(o); err != nil {
			return
		}
	}
}

// carryOut does what an order says, and replies.
func (w *warden) carryOut(o Order) error {
	if o.Listen != 0 {
		fd, err := w.news.listen(o.Listen)
		if err != nil {
			return w.control.Send(Reply{Failure: failed(Listening, err)}, -1)
		}
		defer unix.Close(fd)
		return w.control.Send(Reply{}, fd)
	}
	var err error
	for _, d := range o.Unplug {
		err = errors.Join(err, unplug(d), w.news.tell(sysfs.Removed, d))
	}
	for _, d := range o.Plug {
		err = errors.Join(err, plug(d), w.news.tell(sysfs.Added, d))
	}
	return w.control.Send(Reply{Failure: failed(Mounting, err)}, -1)
}

// try opens the first key as a program would, and asks for its size of report
// descriptor.
func (w *warden) try() int {
	err := func() error {
		fd, err := unix.Open(devRoot+"/"+w.first.Plug[0].Node, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		_, err = unix.IoctlGetInt(fd, hidDescriptorSize)
		return err
	}()
	_ = w.control.Send(Reply{Failure: failed(Trying, err)}, -1)
	// The other end reads it before the filter goes.
	var none Order
	if _, ended := w.control.Receive(&none); !errors.Is(ended, io.EOF) || err != nil {
		return statusFailed
	}
	return 0
}

// hidDescriptorSize is HIDIOCGRDESCSIZE.
const hidDescriptorSize = 0x80044801

// exit ends the warden as the command ended.
func exit(status syscall.WaitStatus) int {
	if status.Signaled() {
		dieBy(status.Signal())
	}
	return status.ExitStatus()
}
