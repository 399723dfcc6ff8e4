//go:build amd64 || arm64

package usbkey

import (
	"errors"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// queue is how many reports wait for a program that is slow to read: eight of the
// longest messages. What comes then is lost to it, as it is with hidraw.
const queue = 1024

// opener is a program that has a key open, or all of those that share a
// terminal. To the device it is one client.
type opener struct {
	terminal *terminal
	port     Program
	out      chan []byte
	done     sync.WaitGroup
}

// connect begins to serve a terminal, in two goroutines; they end when the
// programs have closed it, or with [opener.close]. ended is called then.
func connect(key Key, t *terminal, ended func(*opener)) (*opener, error) {
	o := &opener{terminal: t, out: make(chan []byte, queue)}
	port, err := key.connect(func(report []byte) {
		select {
		case o.out <- report:
		default:
		}
	})
	if err != nil {
		return nil, err
	}
	o.port = port
	var writer sync.WaitGroup
	writer.Go(o.write)
	o.done.Go(func() {
		o.read()
		port.Close() // nothing is sent from here on
		close(o.out)
		_ = t.master.Close()
		writer.Wait()
		ended(o)
	})
	return o, nil
}

// read hands on what the programs write, until all have closed the terminal or it
// is closed.
func (o *opener) read() {
	terminal, err := o.terminal.master.SyscallConn()
	if err != nil {
		return
	}
	var reports cutter
	buffer := make([]byte, terminalSize)
	for {
		n, err := await(terminal, buffer, reports.drained)
		if err != nil || n == 0 {
			return
		}
		reports.cut(buffer[:n], o.port.Report)
	}
}

// await reads once something is there. Before it waits for that it calls drained.
func await(terminal syscall.RawConn, buffer []byte, drained func()) (n int, err error) {
	closed := terminal.Read(func(fd uintptr) bool {
		for {
			n, err = unix.Read(int(fd), buffer)
			if errors.Is(err, unix.EAGAIN) {
				drained()
				return false
			}
			if !errors.Is(err, unix.EINTR) {
				return true
			}
		}
	})
	return n, errors.Join(closed, err)
}

func (o *opener) write() {
	for report := range o.out {
		if _, err := o.terminal.master.Write(report); err != nil {
			_ = o.terminal.master.Close() // which ends the reading side too
			for range o.out {             // until that has closed the queue
			}
			return
		}
	}
}

// close hangs up, and returns when nothing is served any more.
func (o *opener) close() {
	_ = o.terminal.close() // it may have been closed from the other side
	o.done.Wait()
}
