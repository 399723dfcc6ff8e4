package subject

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Carriers are what makes the transports of a device wrong.
type Carriers struct {
	HID []hid.Seams
	NFC []nfc.Seams
}

// winking is a device that can show which one it is, to nobody.
type winking struct{ *authenticator.Authenticator }

func (winking) Wink() {}

func (d *device) has(transport string) bool { return slices.Contains(d.model.Transports, transport) }

// OpenReports implements [authenticators.Carried].
func (d *device) OpenReports(context.Context) (authenticators.Reports, error) {
	if !d.has(webauthn.TransportUSB) {
		return nil, authenticators.ErrNotCarried
	}
	if d.usb == nil {
		observer := hid.Seams{Said: func(reports [][]byte) [][]byte {
			d.news()
			return reports
		}}
		server, err := transport.NewHIDServer(winking{d.Authenticator}, transport.Timed(d.hours), transport.Speaking(append(d.carriers.HID, observer)...))
		if err != nil {
			return nil, err
		}
		d.usb = server
	}
	r := &reports{device: d}
	var err error
	r.port, err = d.usb.Connect(r.take)
	return r, err
}

// news lets those know who wait for something to happen.
func (d *device) news() {
	select {
	case d.happened <- struct{}{}:
	default: // they know already
	}
}

// reports is a host at the device's USB.
type reports struct {
	device *device
	port   *transport.HIDPort

	mu sync.Mutex
	in [][]byte
}

func (r *reports) take(report []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.in = append(r.in, report)
}

func (r *reports) next() (report []byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.in) == 0 {
		return nil, false
	}
	report, r.in = r.in[0], r.in[1:]
	return report, true
}

// Send implements [authenticators.Reports].
func (r *reports) Send(_ context.Context, report []byte) error {
	r.port.Report(report)
	return nil
}

// Receive implements [authenticators.Reports]. Time passes only while nothing else
// can.
func (r *reports) Receive(ctx context.Context, within time.Duration) ([]byte, time.Duration, error) {
	hours := r.device.hours
	begun := hours.Now()
	for ctx.Err() == nil {
		still := r.device.still()
		if report, ok := r.next(); ok {
			return report, hours.Now().Sub(begun), nil
		}
		if still {
			if !hours.step(begun.Add(within)) {
				return nil, within, nil
			}
			continue
		}
		select {
		case <-r.device.happened:
		case <-ctx.Done():
		}
	}
	return nil, 0, ctx.Err()
}

// Close implements [authenticators.Reports].
func (r *reports) Close() error {
	r.port.Close()
	return nil
}

// still reports whether the device does nothing, or waits for a user who does nothing.
// Nothing is going to happen then before time passes.
func (d *device) still() bool {
	status := d.usb.Status()
	return status == 0 || status == hid.UserNeeded && d.user.ignoring()
}

// OpenCard implements [authenticators.Carried].
func (d *device) OpenCard(context.Context) (authenticators.Card, error) {
	if !d.has(webauthn.TransportNFC) {
		return nil, authenticators.ErrNotCarried
	}
	observer := nfc.Seams{Heard: func(command []byte) []byte {
		d.news()
		return command
	}}
	server, err := transport.NewNFCServer(d.Authenticator, transport.NFCServerConfig{
		Powered: true, Clock: d.hours, Seams: append([]nfc.Seams{observer}, d.carriers.NFC...),
	})
	if err != nil {
		return nil, err
	}
	server.FieldOn()
	return &card{device: d, server: server}, nil
}

// card is the device held to a reader.
type card struct {
	device *device
	server *transport.NFCServer
}

type response struct {
	bytes []byte
	err   error
}

// Transmit implements [authenticators.Card]. Time passes only while nothing else can.
func (c *card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	came := make(chan response, 1)
	go func() {
		bytes, err := c.server.Transmit(ctx, command)
		came <- response{bytes, err}
	}()
	for {
		select {
		case r := <-came:
			return r.bytes, r.err
		case <-c.device.happened:
		}
		if c.still() && c.device.hours.ring() {
			c.device.news()
		}
	}
}

func (c *card) still() bool {
	return c.server.Status() == nfc.UserNeeded && c.device.user.ignoring()
}

// Close implements [authenticators.Card].
func (c *card) Close() error {
	c.server.Close()
	return nil
}
