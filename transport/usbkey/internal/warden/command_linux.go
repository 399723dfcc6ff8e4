//go:build amd64 || arm64

package warden

import (
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// command is the process that the keys are for.
type command struct {
	mu    sync.Mutex
	pid   int
	ended bool // and its number may be another's
}

// start starts the command from this thread, whose filter it inherits, and lets go
// of its descriptors: a pipe that it closes must be seen to be closed.
func (w *warden) start() error {
	if w.first.Confined {
		if err := dropPrivileges(); err != nil {
			return err
		}
	}
	signals := catch()
	pid, err := syscall.ForkExec(w.path, w.argv, &syscall.ProcAttr{
		Env: os.Environ(), Files: w.files,
		Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, // should somebody kill the warden
	})
	if err != nil {
		return &os.PathError{Op: "run", Path: w.path, Err: err}
	}
	w.command.pid = pid
	go forward(signals, &w.command)
	return w.release()
}

// dropPrivileges sees to it that a program which this thread starts has no
// capabilities. One of the superuser gets them all in its user namespace, where
// they reach nothing but what is in it.
func dropPrivileges() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return err
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return err
	}
	sets[0].Inheritable, sets[1].Inheritable = 0, 0
	return unix.Capset(&header, &sets[0])
}

// release closes the command's descriptors on our side; the first three lead
// nowhere then.
func (w *warden) release() error {
	null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(null)
	for fd := range w.files {
		if fd <= 2 {
			err = unix.Dup3(null, fd, unix.O_CLOEXEC)
		} else if w.files[fd] != ^uintptr(0) {
			err = unix.Close(fd)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *command) signal(s syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		_ = syscall.Kill(c.pid, s) // it is there: only we can reap it
	}
}

func (c *command) kill() { c.signal(syscall.SIGKILL) }

// await waits for the command and ends all that it has left behind: they see keys
// that are about to be gone, and calls that nobody would answer.
func (w *warden) await() int {
	for {
		var status syscall.WaitStatus
		pid, err := wait(&status, 0)
		if err != nil {
			return statusFailed
		}
		if pid == w.command.pid {
			w.command.mu.Lock()
			w.command.ended = true
			w.command.mu.Unlock()
			endChildren()
			return exit(status)
		}
	}
}

// wait reaps a child.
func wait(status *syscall.WaitStatus, options int) (pid int, err error) {
	for {
		pid, err = syscall.Wait4(-1, status, options, nil)
		if err != syscall.EINTR {
			return pid, err
		}
	}
}
