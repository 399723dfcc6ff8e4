package pcsc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"time"
)

// The socket of pcscd, and the variable of the environment by which programs that
// use libpcsclite are told of another one.
const (
	DefaultSocket  = "/run/pcscd/pcscd.comm"
	SocketVariable = "PCSCLITE_CSOCK_NAME"
)

// SocketPath reads the environment for where pcscd is, as libpcsclite does.
func SocketPath() string {
	if path := os.Getenv(SocketVariable); path != "" {
		return path
	}
	return DefaultSocket
}

// Versions of the protocol. Those from the first to the last have all messages
// that we send, and in the same form.
const (
	major      = 4
	firstMinor = 4 // pcsc-lite 1.8.24
	lastMinor  = 6
)

// daemon is a connection to pcscd, with a context of its own. It is not safe for
// concurrent use. After an error that is no [Status] nothing more is to be had
// of it.
type daemon struct {
	conn    net.Conn
	context uint32
	broken  bool
}

// dial connects to pcscd, in the version that it speaks.
func dial(ctx context.Context, socket string) (*daemon, error) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return nil, errors.New("there is no pcscd on " + runtime.GOOS + "; readers are reached on Linux and its like")
	}
	minor := int32(firstMinor)
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if err != nil {
			return nil, fmt.Errorf("no pcscd to be reached: %w; start it, or name its socket in %s", err, SocketVariable)
		}
		d := &daemon{conn: conn}
		spoken, err := d.open(ctx, minor)
		if err == nil {
			return d, nil
		}
		_ = conn.Close()
		if !errors.Is(err, otherProtocol) || spoken <= minor || spoken > lastMinor {
			return nil, fmt.Errorf("pcscd at %s: %w", socket, err)
		}
		minor = spoken
	}
}

// open agrees on a version and begins a context. Of a pcscd that refuses, it
// returns the version that it speaks.
func (d *daemon) open(ctx context.Context, minor int32) (spoken int32, err error) {
	agreed := versionMessage{Major: major, Minor: minor}
	if err := d.call(ctx, version, &agreed); err != nil {
		return 0, err
	}
	if agreed.Status != success {
		if agreed.Major != major {
			return 0, fmt.Errorf("it speaks version %d:%d of its protocol, want %d:%d", agreed.Major, agreed.Minor, major, minor)
		}
		return agreed.Minor, otherProtocol
	}
	begun := contextMessage{Scope: scopeSystem}
	if err := d.call(ctx, establishContext, &begun); err != nil {
		return 0, err
	}
	d.context = begun.Context
	return minor, begun.Status.orNil()
}

// close ends the context, if there is still anybody to tell.
func (d *daemon) close(ctx context.Context) error {
	var err error
	if !d.broken {
		err = d.call(ctx, releaseContext, &releaseMessage{Context: d.context})
	}
	return errors.Join(err, d.conn.Close())
}

// call sends a structure and reads it back, filled in.
func (d *daemon) call(ctx context.Context, c command, body any) error {
	message, err := encode(c, body)
	if err != nil {
		return err
	}
	return d.exchange(ctx, message, func() error { return binary.Read(d.conn, binary.NativeEndian, body) })
}

// exchange sends bytes and reads what comes back. Where ctx ends first the
// connection is broken: what is on its way could not be told from other answers.
func (d *daemon) exchange(ctx context.Context, message []byte, read func() error) error {
	if d.broken {
		return errors.New("the connection to pcscd broke off before")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = d.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_, err := d.conn.Write(message)
	if err == nil {
		err = read()
	}
	switch {
	case err == nil && stop():
		return nil
	case err == nil: // it came in time, but nothing after it would
		d.broken = true
		return nil
	}
	d.broken = true
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) {
		return errors.New("pcscd hung up")
	}
	return fmt.Errorf("talking to pcscd: %w", err)
}
