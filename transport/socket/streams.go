package socket

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/transport"
)

const (
	// queue is how many reports wait for a client that is slow to read: eight of
	// the longest messages.
	queue = 1024
	// writeTimeout is how long a client that reads nothing is borne with.
	writeTimeout = 5 * time.Second
	// trouble is how long a machine has to find what it is short of, such as open
	// files.
	trouble = 100 * time.Millisecond
)

// pause passes the time until something is tried again.
func pause(ctx context.Context) {
	select {
	case <-time.After(trouble):
	case <-ctx.Done():
	}
}

// streams serves clients that connect.
type streams struct{ listener net.Listener }

func (l *streams) Address() string { return addressOf(l.listener.Addr()) }
func (l *streams) Close() error    { return l.listener.Close() }

func (l *streams) Serve(ctx context.Context, device *transport.HIDServer) error {
	defer l.listener.Close()
	defer context.AfterFunc(ctx, func() { _ = l.listener.Close() })()
	var clients sync.WaitGroup
	defer clients.Wait()
	for {
		conn, err := l.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			pause(ctx)
		default:
			clients.Go(func() { serveStream(ctx, conn, device) })
		}
	}
}

// serveStream serves one client until it leaves, breaks the framing, does not
// read, or ctx ends.
func serveStream(ctx context.Context, conn net.Conn, device *transport.HIDServer) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	out := make(chan []byte, queue)
	port, err := device.Connect(func(report []byte) {
		select {
		case out <- report:
		default:
			_ = conn.Close() // it has not read for long
		}
	})
	if err != nil {
		return
	}
	var writer sync.WaitGroup
	writer.Go(func() { writeStream(conn, out) })
	_, size := device.ReportSizes()
	for in := bufio.NewReader(conn); ; {
		report, err := readReport(in, size)
		if err != nil {
			break
		}
		port.Report(report)
	}
	port.Close() // nothing is sent from here on
	close(out)
	_ = conn.Close()
	writer.Wait()
}

// writeStream sends reports, as many at once as there are.
func writeStream(conn net.Conn, out <-chan []byte) {
	var frames []byte
	for report := range out {
		frames = appendFrame(frames[:0], report)
		for len(out) > 0 {
			frames = appendFrame(frames, <-out)
		}
		_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := conn.Write(frames); err != nil {
			_ = conn.Close() // which ends the reading side too
		}
	}
}
