package subject

import (
	"context"
	"errors"
	"sync"

	"github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/transport"
)

// cable carries reports between a client and a device in one process.
type cable struct {
	out  chan<- []byte
	in   <-chan []byte
	done chan struct{}
	end  func()
}

var errUnplugged = errors.New("the cable was pulled")

// reportsUnderWay is how many reports are carried ahead of those that were looked at.
const reportsUnderWay = 512

// newCable returns both ends.
func newCable() (near, far *cable) {
	there, back, done := make(chan []byte, reportsUnderWay), make(chan []byte, reportsUnderWay), make(chan struct{})
	end := sync.OnceFunc(func() { close(done) })
	return &cable{there, back, done, end}, &cable{back, there, done, end}
}

// Send implements [transport.Link].
func (c *cable) Send(report []byte) error {
	select {
	case c.out <- append([]byte(nil), report...):
		return nil
	case <-c.done:
		return errUnplugged
	}
}

// Receive implements [transport.Link].
func (c *cable) Receive() ([]byte, error) {
	select {
	case report := <-c.in:
		return report, nil
	case <-c.done:
		return nil, errUnplugged
	}
}

// Close implements [transport.Link].
func (c *cable) Close() error {
	c.end()
	return nil
}

// spoiledLink is a link with the faults of the client.
func (c *ours) spoiledLink(link transport.Link) transport.Link {
	for _, f := range c.faults {
		if f.Sent != nil || f.Heard != nil {
			link = &spoiled{Link: link, fault: f}
		}
	}
	return link
}

// spoiled is a link on which reports are changed.
type spoiled struct {
	transport.Link
	mu    sync.Mutex // what a fault remembers both directions share
	fault fault.Fault
	heard [][]byte
}

// Send implements [transport.Link].
func (s *spoiled) Send(report []byte) error {
	if s.fault.Sent == nil {
		return s.Link.Send(report)
	}
	s.mu.Lock()
	changed := s.fault.Sent(append([]byte(nil), report...))
	s.mu.Unlock()
	for _, r := range changed {
		if err := s.Link.Send(r); err != nil {
			return err
		}
	}
	return nil
}

// Receive implements [transport.Link].
func (s *spoiled) Receive() ([]byte, error) {
	for len(s.heard) == 0 {
		report, err := s.Link.Receive()
		if err != nil {
			return nil, err
		}
		if s.fault.Heard == nil {
			return report, nil
		}
		s.mu.Lock()
		s.heard = s.fault.Heard(append([]byte(nil), report...))
		s.mu.Unlock()
	}
	report := s.heard[0]
	s.heard = s.heard[1:]
	return report, nil
}

func (c *ours) spoiledMessages(next fault.Exchange) fault.Exchange {
	for _, f := range c.faults {
		if f.Messages != nil {
			next = f.Messages(next)
		}
	}
	return next
}

func (c *ours) spoiledCommands(next fault.Exchange) fault.Exchange {
	for _, f := range c.faults {
		if f.Commands != nil {
			next = f.Commands(next)
		}
	}
	return next
}

// exchanger is a [ctap.Transport].
type exchanger struct{ do fault.Exchange }

// Exchange implements [ctap.Transport].
func (e exchanger) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	return e.do(ctx, request)
}

// commander is a [u2f.Transport].
type commander struct{ do fault.Exchange }

// ExchangeAPDU implements [u2f.Transport].
func (e commander) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	return e.do(ctx, command)
}
