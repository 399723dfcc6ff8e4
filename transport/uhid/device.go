package uhid

import (
	"context"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/transport"
)

// Name is the address of every [Device].
const Name = "uhid"

// Device is a key that the kernel shows to all programs of the machine while it
// is served.
type Device struct {
	kernel io.ReadWriteCloser
	bus    *transport.Bus // nil while no program has the device open
}

// Address returns [Name].
func (d *Device) Address() string { return Name }

// Close lets go of the kernel. A device that is served vanishes.
func (d *Device) Close() error { return d.kernel.Close() }

// Serve shows the device to the machine until ctx ends, which is no error, or
// Close is called. When no program has it open any more, channels and what is
// under way are gone.
func (d *Device) Serve(ctx context.Context, device *transport.HIDServer) error {
	defer d.kernel.Close() // which makes the device vanish
	defer context.AfterFunc(ctx, func() { _ = d.kernel.Close() })()
	in, out := device.ReportSizes()
	if _, err := d.kernel.Write(createEvent(in, out)); err != nil {
		return d.reason(ctx, fmt.Errorf("creating a device: %w", err))
	}
	defer d.leave()
	for buffer := make([]byte, maxEvent); ; {
		n, err := d.kernel.Read(buffer)
		if err != nil {
			return d.reason(ctx, fmt.Errorf("hearing from the kernel: %w", err))
		}
		if e, ok := parseEvent(buffer[:n]); ok {
			d.handle(e, out, device)
		}
	}
}

// reason is why serving ends: nothing is wrong where ctx has ended.
func (d *Device) reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("/dev/uhid: %w", err)
}

func (d *Device) handle(e event, out int, device *transport.HIDServer) {
	switch e.kind {
	case opened:
		d.enter(device)
	case closed:
		d.leave()
	case output:
		if d.enter(device) {
			d.bus.Report(unnumbered(e.report, out))
		}
	case getReport:
		_, _ = d.kernel.Write(refusal(getReportReply, e.id))
	case setReport:
		_, _ = d.kernel.Write(refusal(setReportReply, e.id))
	}
}

// enter connects the machine to the device, if it is not. It reports false where
// the device has too many clients elsewhere.
func (d *Device) enter(device *transport.HIDServer) bool {
	if d.bus != nil {
		return true
	}
	bus, err := device.OpenBus(func(report []byte) error {
		_, err := d.kernel.Write(inputEvent(report))
		return err
	})
	if err != nil {
		return false
	}
	d.bus = bus
	return true
}

func (d *Device) leave() {
	if d.bus != nil {
		d.bus.Close()
		d.bus = nil
	}
}
