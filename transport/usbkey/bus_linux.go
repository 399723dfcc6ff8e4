//go:build amd64 || arm64

package usbkey

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/seccomp"
	"github.com/passkeylab/passkeylab/transport/usbkey/internal/warden"
)

// Bus is the USB that one command sees. It is safe for concurrent use.
type Bus struct {
	slots    []*slot
	confined bool

	control *warden.Control
	theirs  *os.File // the warden's end of control, until it has it
	handed  func()   // closes theirs, once

	ready   chan struct{} // closed when the command runs, or never will
	failure error         // why it does not; may be read after ready
	replies chan reply
	gone    chan struct{} // closed when the warden has ended
	orders  sync.Mutex    // held by who waits for a reply

	supervision sync.WaitGroup
	stop, stopR *os.File // closing stop ends the supervision
	closing     sync.Once
}

// reply is one of the warden, with the descriptor that came with it, or -1.
type reply struct {
	warden.Reply
	fd int
}

// Start starts cmd with keys plugged in, and returns when it runs. An error that
// is [ErrUnavailable] tells what the system refuses. cmd is used as ever from here
// on: its Wait tells the command's status, also of a death by signal, and
// signals to its Process are passed on. Only SIGINT and SIGQUIT in the foreground
// of a terminal are not: there the terminal sends them to the command itself.
//
// All that the command leaves behind is killed when it ends. The end of a context
// that cmd was made with ends it in the same way, whatever its Cancel was.
//
// Close the bus after Wait.
func Start(cmd *exec.Cmd, keys ...Key) (*Bus, error) {
	b, err := Attach(cmd, keys...)
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(b.refused(err), b.Close())
	}
	b.handed()
	if err := b.Ready(context.Background()); err != nil {
		_ = cmd.Wait() // its status tells less than err
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Attach arranges that cmd, once somebody has started it, sees keys. It is for
// those who cannot have [Start] start it. cmd.ExtraFiles may be set before, not
// after; of cmd.SysProcAttr, Credential, Chroot, Ptrace and all that is about
// namespaces and capabilities must not be set, and Pdeathsig is not needed: the
// command ends when this process does. Attach starts goroutines that end with
// Close.
func Attach(cmd *exec.Cmd, keys ...Key) (*Bus, error) {
	keys, err := filledKeys(keys)
	if err != nil {
		return nil, err
	}
	if cmd.Err != nil {
		return nil, cmd.Err
	}
	b, err := newBus(keys)
	if err != nil {
		return nil, err
	}
	order := warden.Order{Confined: b.confined}
	for _, s := range b.slots {
		order.Plug = append(order.Plug, s.device)
	}
	if err := errors.Join(b.control.Send(order, -1), b.wrap(cmd)); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.supervision.Go(b.serve)
	return b, nil
}

// newBus has all but a command.
func newBus(keys []Key) (b *Bus, err error) {
	b = &Bus{slots: place(keys), confined: !mayMount(), ready: make(chan struct{}), replies: make(chan reply), gone: make(chan struct{})}
	if b.stopR, b.stop, err = os.Pipe(); err != nil {
		return nil, err
	}
	if b.control, b.theirs, err = warden.Pair(); err != nil {
		return nil, errors.Join(err, b.stop.Close(), b.stopR.Close())
	}
	b.handed = sync.OnceFunc(func() { _ = b.theirs.Close() })
	for _, s := range b.slots {
		if err := s.connect(); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// serve listens to the warden.
func (b *Bus) serve() {
	defer close(b.replies)
	defer close(b.gone)
	var first warden.Reply
	listener, err := b.control.Receive(&first)
	switch {
	case err != nil:
		b.failure = fmt.Errorf("the process that starts the command has ended: %w", err)
	case first.Failure != nil:
		b.failure = b.refused(first.Failure)
	default:
		l := seccomp.NewListener(listener)
		b.supervision.Go(func() {
			b.supervise(l, int(b.stopR.Fd()))
			_ = b.control.Close() // nobody is left there
		})
	}
	close(b.ready)
	for b.failure == nil {
		var r reply
		if r.fd, err = b.control.Receive(&r.Reply); err != nil {
			return
		}
		b.replies <- r
	}
}

// Ready waits until the command runs, and returns why if it does not. Only
// after [Attach] is it of use.
func (b *Bus) Ready(ctx context.Context) error {
	select {
	case <-b.ready:
		return b.failure
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Nodes are the paths under which the command finds the keys, in their order.
func (b *Bus) Nodes() []string {
	var all []string
	for _, s := range b.slots {
		all = append(all, "/dev/"+s.device.Node)
	}
	return all
}

// Close unplugs all keys and kills the command with all that came of it, if it has
// not ended. It may be called again.
func (b *Bus) Close() error {
	b.closing.Do(func() {
		_ = b.control.Close() // its other end may be gone
		b.handed()
		_ = b.stop.Close()
		b.supervision.Wait()
		_ = b.stopR.Close()
		for _, s := range b.slots {
			s.disconnect()
		}
	})
	return nil
}
