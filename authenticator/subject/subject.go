// Package subject makes our own authenticator a target of the judge: each case
// gets a device of its own, in this process, with a user and a clock that do what
// the case says.
//
// It owns what of a device's surroundings a case can move. It must never know what
// a case looks for.
package subject

import (
	"context"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
)

// Target makes devices of one model. It is safe for concurrent use.
type Target struct {
	Model authenticator.Model
	// Seams returns what makes a device wrong: faults of its own for each, because
	// faults may remember. It may be nil.
	Seams func() []authenticator.Seams
	// Carriers does so for what makes its transports wrong. It may be nil.
	Carriers func() Carriers
}

var _ conformance.Several = Target{}

// born is when the devices are powered up first. Their clocks stand still.
var born = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// Several is true: no device knows of another.
func (Target) Several() bool { return true }

// Fresh implements [conformance.Target].
func (t Target) Fresh(_ context.Context, runSeed uint64) (conformance.Subject, error) {
	d := &device{model: t.Model, hours: &hours{ManualClock: authenticator.NewManualClock(born)}, happened: make(chan struct{}, 1)}
	d.user = &user{news: d.news}
	if t.Carriers != nil {
		d.carriers = t.Carriers()
	}
	var seams []authenticator.Seams
	if t.Seams != nil {
		seams = t.Seams()
	}
	made, err := authenticator.New(t.Model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(d.user), Clock: d.hours, Random: seed.Stream(runSeed, "subject"),
	}, seams...)
	if err != nil {
		return nil, fmt.Errorf("subject: %w", err)
	}
	d.Authenticator = made
	return d, nil
}

// device is one of ours with its surroundings.
type device struct {
	*authenticator.Authenticator
	model authenticator.Model
	user  *user
	hours *hours
	asked int // how often the user had been asked when told what to do

	carriers Carriers
	usb      *transport.HIDServer // nil until it is wanted
	happened chan struct{}        // holds a token when something may have changed
}

var (
	_ authenticators.Device  = (*device)(nil)
	_ authenticators.Power   = (*device)(nil)
	_ authenticators.Person  = (*device)(nil)
	_ authenticators.Clock   = (*device)(nil)
	_ authenticators.Legacy  = (*device)(nil)
	_ authenticators.Carried = (*device)(nil)
)

// Close implements [conformance.Subject].
func (d *device) Close() error {
	if d.usb != nil {
		d.usb.Close()
	}
	return nil
}

// PowerCycle implements [authenticators.Power].
func (d *device) PowerCycle(context.Context) error {
	d.Authenticator.PowerCycle()
	return nil
}

var acts = map[authenticators.Act]authenticator.Act{
	authenticators.Approve: authenticator.Approve,
	authenticators.Decline: authenticator.Decline,
	authenticators.Ignore:  authenticator.Ignore,
}

// Act implements [authenticators.Person].
func (d *device) Act(_ context.Context, act authenticators.Act) error {
	d.asked = len(d.user.Asked())
	d.user.tell(acts[act])
	return nil
}

// Miss implements [authenticators.Person].
func (d *device) Miss(_ context.Context, n int) error {
	d.user.WrongFinger(n)
	return nil
}

// AwaitPrompt implements [authenticators.Person].
func (d *device) AwaitPrompt(ctx context.Context) error { return d.user.AwaitAsked(ctx, d.asked+1) }

// Pass implements [authenticators.Clock].
func (d *device) Pass(_ context.Context, by time.Duration) error {
	d.hours.pass(by)
	return nil
}
