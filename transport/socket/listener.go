package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/passkeylab/passkeylab/transport"
)

// Listener is an address at which devices can be served.
type Listener interface {
	// Address is where, in the form that [Dial] takes; a port that was left to
	// the system is the one it chose.
	Address() string
	// Serve serves device until ctx ends, which is no error, or Close is called.
	// No client can hold it up: one that does not read what it is sent loses its
	// connection, and the channels of one that leaves are free at once. Serve
	// closes the listener.
	Serve(ctx context.Context, device *transport.HIDServer) error
	Close() error
}

// ErrNotLocal is why an address is refused that other machines could reach.
var ErrNotLocal = errors.New("other machines could reach that")

// Listen opens an address of this machine: unix:PATH, tcp:HOST:PORT or
// udp:HOST:PORT. Over unix and TCP a report comes after its length in two bytes,
// big-endian; over UDP it is a datagram, and answers go to its sender. A socket
// file that a process left behind is replaced.
func Listen(at string) (Listener, error) {
	a, err := parseAddress(at)
	if err != nil {
		return nil, err
	}
	if !a.local() {
		return nil, fmt.Errorf("%s: %w", at, ErrNotLocal)
	}
	return listen(a)
}

// ListenAnywhere is [Listen] without a look at who can reach the address. A
// device knows no passwords: whoever reaches it can use it.
func ListenAnywhere(at string) (Listener, error) {
	a, err := parseAddress(at)
	if err != nil {
		return nil, err
	}
	return listen(a)
}

func listen(a address) (Listener, error) {
	l, err := open(a)
	if a.network == "unix" && errors.Is(err, syscall.EADDRINUSE) && abandoned(a.at) {
		if err := os.Remove(a.at); err != nil {
			return nil, fmt.Errorf("%s: %w", a, err)
		}
		l, err = open(a)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, reason(err))
	}
	return l, nil
}

func open(a address) (Listener, error) {
	if a.network == "udp" {
		conn, err := net.ListenPacket(a.network, a.at)
		if err != nil {
			return nil, err
		}
		return &datagrams{conn: conn.(*net.UDPConn)}, nil
	}
	listener, err := net.Listen(a.network, a.at)
	if err != nil {
		return nil, err
	}
	if a.network == "unix" { // for its owner alone
		if err := os.Chmod(a.at, 0o600); err != nil {
			return nil, errors.Join(err, listener.Close())
		}
	}
	return &streams{listener: listener}, nil
}

// abandoned tells whether nobody listens at a socket file.
func abandoned(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return false
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// reason drops what a caller says already from the error of a listener.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return errors.New(strings.TrimPrefix(op.Err.Error(), "bind: "))
	}
	return err
}

// addressOf is an address as [Dial] takes it.
func addressOf(a net.Addr) string { return address{a.Network(), a.String()}.String() }
