//go:build amd64 || arm64

package warden

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// forwarded are signals that a warden passes on. The others that can be caught
// come of what a process does itself, or stop and continue the whole group.
var forwarded = []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM}

// catch begins to catch signals. Those that were ignored stay so, as nohup wants
// it.
func catch() <-chan os.Signal {
	signals := make(chan os.Signal, 16)
	for _, s := range forwarded {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	return signals
}

func forward(signals <-chan os.Signal, to *command) {
	for s := range signals {
		if !fromTerminal(s) {
			to.signal(s.(syscall.Signal))
		}
	}
}

// fromTerminal tells of signals that a terminal sends to all of the group in its
// foreground, the command among them. Go does not say who sent a signal: in the
// foreground it is taken for the terminal.
func fromTerminal(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	terminal, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(terminal)
	foreground, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP)
	return err == nil && foreground == unix.Getpgrp()
}

// dieBy ends this process by a signal, without a core file: the command has left
// its own.
func dieBy(s syscall.Signal) {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	// Go's runtime has handlers of its own, also for signals that nobody catches.
	// A sigaction of zeros is the default.
	var action [4]uint64
	const signals = 8 // bytes of a set of signals
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, signals, 0, 0)
	_ = syscall.Kill(os.Getpid(), s)
	select {} // until it arrives
}
