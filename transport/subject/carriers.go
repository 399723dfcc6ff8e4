package subject

import (
	"context"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/target"
)

// OpenReports implements [authenticators.Carried]. The connection for messages ends: it
// may be the only one that the device takes.
func (d *device) OpenReports(ctx context.Context) (authenticators.Reports, error) {
	if reports, _ := target.Carries(d.target.Name); !reports {
		return nil, authenticators.ErrNotCarried
	}
	_ = d.Close()
	link, err := patiently(ctx, func() (transport.Link, error) { return target.OpenReports(ctx, d.target.Name) })
	if err != nil {
		return nil, err
	}
	if sized, ok := link.(transport.Sized); ok {
		if in, out := sized.ReportSizes(); in != hid.DefaultReport || out != hid.DefaultReport {
			_ = link.Close()
			return nil, fmt.Errorf("%w: its reports have %d and %d bytes, and are judged where they have 64", authenticators.ErrNotCarried, in, out)
		}
	}
	r := &reports{device: d, link: link, in: make(chan []byte, reportsAhead), closed: make(chan struct{}), ended: make(chan error, 1)}
	go r.receive()
	return r, nil
}

// reportsAhead is how many reports wait for the judge: more than a case lets come.
const reportsAhead = 1024

// reports are those of a device that is reached by a link.
type reports struct {
	device *device
	link   transport.Link
	in     chan []byte
	closed chan struct{}
	ended  chan error // holds why nothing comes any more
}

func (r *reports) receive() {
	for {
		report, err := r.link.Receive()
		if err != nil {
			r.ended <- err
			return
		}
		select {
		case r.in <- report:
		case <-r.closed:
			return
		}
	}
}

// Send implements [authenticators.Reports].
func (r *reports) Send(_ context.Context, report []byte) error {
	r.device.noteReport(report)
	return r.link.Send(report)
}

// Receive implements [authenticators.Reports]. Time is everybody's.
func (r *reports) Receive(ctx context.Context, within time.Duration) ([]byte, time.Duration, error) {
	begun := time.Now()
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case report := <-r.in:
		return report, time.Since(begun), nil
	case <-limit.C:
		return nil, within, nil
	case err := <-r.ended:
		r.ended <- err
		return nil, 0, err
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
}

// Close implements [authenticators.Reports].
func (r *reports) Close() error {
	close(r.closed)
	return r.link.Close()
}

// noteReport notes what may leave a trace. Of a message it looks at the first packet.
func (d *device) noteReport(report []byte) {
	const command, data, initial = 4, 7, 0x80
	if len(report) <= data {
		return
	}
	switch report[command] {
	case byte(hid.CommandCBOR) | initial:
		d.note(leavesTraces(report[data:]))
	case byte(hid.CommandMsg) | initial:
		d.note(true)
	}
}

// OpenCard implements [authenticators.Carried].
func (d *device) OpenCard(ctx context.Context) (authenticators.Card, error) {
	if _, card := target.Carries(d.target.Name); !card {
		return nil, authenticators.ErrNotCarried
	}
	_ = d.Close()
	opened, err := patiently(ctx, func() (target.Card, error) { return target.OpenCard(ctx, d.target.Name) })
	if err != nil {
		return nil, err
	}
	return &card{d, opened}, nil
}

// card is a card that is spoken to by the judge itself.
type card struct {
	device *device
	target.Card
}

// Transmit implements [authenticators.Card].
func (c *card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	c.device.noteAPDU(command)
	return c.Card.Transmit(ctx, command)
}

// noteAPDU notes what may leave a trace: requests of CTAP2, by their first byte, parts
// of them, and U2F.
func (d *device) noteAPDU(command []byte) {
	const (
		head, chained                   = 4, 0x10 // the latter in the class
		message, register, authenticate = 0x10, 0x01, 0x02
	)
	if len(command) <= head {
		return
	}
	switch command[1] {
	case register, authenticate:
		d.note(true)
	case message:
		data := command[head+1:]
		if command[head] == 0 { // of extended length
			data = data[min(2, len(data)):]
		}
		d.note(command[0]&chained != 0 || leavesTraces(data))
	}
}
