package subject

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/target"
)

// device is the device as one case has it.
type device struct {
	target *Target

	mu      sync.Mutex
	open    target.Device
	touched bool // something was sent that may have left a trace
}

var (
	_ authenticators.Device  = (*device)(nil)
	_ authenticators.Legacy  = (*device)(nil)
	_ authenticators.Carried = (*device)(nil)
)

func (d *device) core() *device { return d }

func (d *device) dirty() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.touched
}

// Exchange implements [ctap.Transport].
func (d *device) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	return d.note(leavesTraces(request)).Exchange(ctx, request)
}

// note notes that something is sent which may leave a trace, or not. It returns where
// messages go.
func (d *device) note(trace bool) target.Device {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched = d.touched || trace
	return d.open
}

// leavesTraces reports whether a request may change what a device keeps. Questions
// do not; of clientPIN and others it takes the worst for granted.
func leavesTraces(request []byte) bool {
	if len(request) == 0 {
		return false
	}
	switch ctap.Command(request[0]) {
	case ctap.CommandGetInfo, ctap.CommandSelection, ctap.CommandGetNextAssertion:
		return false
	}
	return true
}

// ExchangeAPDU implements [authenticators.Legacy].
func (d *device) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	return d.note(true).ExchangeAPDU(ctx, command)
}

// Close implements [conformance.Subject]. It may be called again.
func (d *device) Close() error {
	return d.note(false).Close()
}

func (d *device) reset(ctx context.Context) (ctap.Status, error) {
	answer, err := d.open.Exchange(ctx, []byte{byte(ctap.CommandReset)})
	if err != nil {
		return 0, fmt.Errorf("resetting the device: %w", err)
	}
	if len(answer) == 0 {
		return 0, fmt.Errorf("resetting the device: the answer has no bytes")
	}
	return ctap.Status(answer[0]), nil
}

// controlled is a device with a control channel.
type controlled struct {
	*device
	control *Control
}

var (
	_ authenticators.Power  = (*controlled)(nil)
	_ authenticators.Person = (*controlled)(nil)
)

// PowerCycle implements [authenticators.Power].
func (d *controlled) PowerCycle(ctx context.Context) error {
	_ = d.Close() // the connection ends with the power
	if err := d.control.ask(ctx, "POST", "/power/cycle"); err != nil {
		return err
	}
	again, err := d.target.dial(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = again.open
	return nil
}

var manners = map[authenticators.Act]string{
	authenticators.Approve: "auto", authenticators.Decline: "refuse", authenticators.Ignore: "manual",
}

// Act implements [authenticators.Person].
func (d *controlled) Act(ctx context.Context, act authenticators.Act) error {
	return d.control.tell(ctx, "/touch/"+manners[act])
}

// Miss implements [authenticators.Person].
func (d *controlled) Miss(ctx context.Context, n int) error {
	return d.control.tell(ctx, fmt.Sprintf("/wrong-finger/%d", n))
}

// AwaitPrompt implements [authenticators.Person].
func (d *controlled) AwaitPrompt(ctx context.Context) error {
	return d.control.ask(ctx, "GET", "/prompt")
}

// clocked is a device whose control channel can tell it that time has passed.
type clocked struct{ *controlled }

var _ authenticators.Clock = clocked{}

// Pass implements [authenticators.Clock].
func (d clocked) Pass(ctx context.Context, by time.Duration) error {
	return d.control.forward(ctx, by)
}
