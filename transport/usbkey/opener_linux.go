//go:build amd64 || arm64

package usbkey

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/transport"
)

const (
	// queue is how many reports wait for a program that is slow to read: eight of
	// the longest messages. What comes then is lost to it, as it is with hidraw.
	queue = 1024
	// patience is how long the rest of a report may take that a program wrote in
	// one go.
	patience = 50 * time.Millisecond
	// readSize is more than a terminal ever keeps ready.
	readSize = 8 << 10
)

// opener is a program that has a key open, or all of those that share a
// terminal. To the device it is one client.
type opener struct {
	terminal *terminal
	port     *transport.HIDPort
	out      chan []byte
	done     sync.WaitGroup
}

// connect begins to serve a terminal, in two goroutines; they end when the
// programs have closed it, or with [opener.close]. ended is called then.
func connect(server *transport.HIDServer, t *terminal, ended func(*opener)) (*opener, error) {
	o := &opener{terminal: t, out: make(chan []byte, queue)}
	port, err := server.Connect(func(report []byte) {
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
	var reports cutter
	buffer := make([]byte, readSize)
	for {
		var limit time.Time
		if reports.pending() {
			limit = time.Now().Add(patience)
		}
		if err := o.terminal.master.SetReadDeadline(limit); err != nil {
			return
		}
		n, err := o.terminal.master.Read(buffer)
		reports.cut(buffer[:n], o.port.Report)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			reports.forget()
		} else if err != nil {
			return
		}
	}
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
