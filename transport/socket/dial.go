package socket

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"time"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
)

// Dial opens a channel to a device at an address: unix:PATH, tcp:HOST:PORT or
// udp:HOST:PORT. ctx bounds the opening alone. Close the client to leave.
func Dial(ctx context.Context, at string) (*transport.HIDClient, error) {
	return DialReports(ctx, at, hid.DefaultReport, hid.DefaultReport)
}

// DialReports is [Dial] for a device whose reports have other sizes than 64 bytes:
// in from the device, out to it. Nothing on a socket tells them.
func DialReports(ctx context.Context, at string, in, out int) (*transport.HIDClient, error) {
	link, err := dialLink(ctx, at, sizes{in, out})
	if err != nil {
		return nil, err
	}
	client, err := transport.OpenHID(ctx, link, rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return client, nil
}

// DialLink opens a way for reports of 64 bytes to a device at an address, as [Dial] has
// it, for those who speak CTAPHID themselves. ctx bounds the opening alone.
func DialLink(ctx context.Context, at string) (transport.Link, error) {
	return dialLink(ctx, at, sizes{hid.DefaultReport, hid.DefaultReport})
}

func dialLink(ctx context.Context, at string, reports sizes) (transport.Link, error) {
	a, err := parseAddress(at)
	if err != nil {
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, a.network, a.at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	if a.network == "udp" {
		return datagramLink{reports, conn}, nil
	}
	return &streamLink{reports, conn, bufio.NewReader(conn)}, nil
}

// sizes are those of reports from and to a device, in bytes.
type sizes struct{ in, out int }

func (s sizes) ReportSizes() (in, out int) { return s.in, s.out }

// streamLink carries reports in a stream.
type streamLink struct {
	sizes
	conn   net.Conn
	buffer *bufio.Reader
}

func (l *streamLink) Send(report []byte) error          { return send(l.conn, appendFrame(nil, report)) }
func (l *streamLink) Receive() (report []byte, e error) { return readReport(l.buffer, l.in) }
func (l *streamLink) Close() error                      { return l.conn.Close() }

// datagramLink carries each report in a datagram.
type datagramLink struct {
	sizes
	conn net.Conn
}

func (l datagramLink) Send(report []byte) error { return send(l.conn, report) }
func (l datagramLink) Close() error             { return l.conn.Close() }

func (l datagramLink) Receive() ([]byte, error) {
	report := make([]byte, l.in+1)
	n, err := l.conn.Read(report)
	return report[:n], err // the host passes over what is no report
}

func send(conn net.Conn, bytes []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := conn.Write(bytes)
	return err
}
