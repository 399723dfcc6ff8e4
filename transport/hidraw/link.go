package hidraw

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/transport"
)

// link carries reports through a hidraw file.
type link struct {
	file    io.ReadWriteCloser
	in, out int
}

var (
	_ transport.Link  = link{}
	_ transport.Sized = link{}
)

// ReportSizes implements [transport.Sized].
func (l link) ReportSizes() (in, out int) { return l.in, l.out }

// Send writes a report with the number before it that a write begins with: zero,
// as FIDO reports have none.
func (l link) Send(report []byte) error {
	n, err := l.file.Write(append([]byte{0}, report...))
	if err == nil && n != 1+len(report) {
		err = io.ErrShortWrite
	}
	return err
}

// Receive reads a report, before which there is no number. It asks for no more
// than that: where a terminal stands in for a device, the next report would follow.
func (l link) Receive() ([]byte, error) {
	report := make([]byte, l.in)
	n, err := l.file.Read(report)
	return report[:n], err
}

// Close implements [transport.Link].
func (l link) Close() error { return l.file.Close() }

// DialLink opens the file of a device, for those who speak CTAPHID themselves. It is a
// [transport.Sized], too.
func DialLink(path string) (transport.Link, error) {
	l, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("hidraw:%s: %w", path, err)
	}
	return l, nil
}

// Dial opens a channel to the device of a file such as /dev/hidraw0. ctx bounds
// the opening alone. Close the client to leave. Other programs may use the device
// at the same time, each on channels of its own.
func Dial(ctx context.Context, path string) (*transport.HIDClient, error) {
	l, err := DialLink(path)
	if err != nil {
		return nil, err
	}
	client, err := transport.OpenHID(ctx, l, rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("hidraw:%s: %w", path, err)
	}
	return client, nil
}
