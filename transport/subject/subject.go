// Package subject makes a device that is reached over a transport a target of the
// judge.
//
// It owns how such a device is brought back to how it left the factory: by its
// control channel, or by its own reset, for which a person may be needed. It must
// never know what a case looks for.
package subject

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/target"
)

// Target is a device by its name. It makes one subject at a time.
type Target struct {
	// Name is that of the device, as package target has it.
	Name string
	// Control is the control channel of the device; nil where it has none, so that
	// its power cannot be cut and its user cannot be told anything.
	Control *Control
	// Replug asks a person to take the device out and put it back in, and returns
	// when that is done. It is for devices that reset only just after they have got
	// power, and have no control channel; nil where there is nobody to ask.
	Replug func(ctx context.Context) error

	mu    sync.Mutex
	last  *device
	clean bool // as it left the factory, as far as is known
}

var _ conformance.Target = (*Target)(nil)

// Fresh implements [conformance.Target].
func (t *Target) Fresh(ctx context.Context, _ uint64) (conformance.Subject, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last != nil {
		_ = t.last.Close() // a case that was given up may have left it open
		t.clean = t.clean && !t.last.dirty()
		t.last = nil
	}
	d, err := t.fresh(ctx)
	if err != nil {
		return nil, err
	}
	t.last, t.clean = d.core(), true
	return d, nil
}

// subject is what cases get: a device, and what the bench can do with it.
type subject interface {
	authenticators.Device
	core() *device
}

func (t *Target) fresh(ctx context.Context) (subject, error) {
	if t.Control != nil {
		if err := t.Control.factory(ctx); err != nil {
			return nil, err
		}
		d, err := t.dial(ctx)
		if err != nil {
			return nil, err
		}
		found := &controlled{d, t.Control}
		if t.Control.hasClock(ctx) {
			return clocked{found}, nil
		}
		return found, nil
	}
	d, err := t.dial(ctx)
	if err != nil || t.clean {
		return d, err
	}
	return t.reset(ctx, d)
}

// ErrNeedsPower is why a device that has had power for a while cannot be reset.
var ErrNeedsPower = fmt.Errorf("%w: the device resets only just after it was plugged in, and nobody is there to do that; give its control channel, or run this on a terminal", conformance.ErrBench)

// reset resets a device by its own command (CTAP 2.3 §6.6).
func (t *Target) reset(ctx context.Context, d *device) (subject, error) {
	status, err := d.reset(ctx)
	if err == nil && status == ctap.NotAllowed {
		_ = d.Close()
		if t.Replug == nil {
			return nil, ErrNeedsPower
		}
		if err := t.Replug(ctx); err != nil {
			return nil, err
		}
		if d, err = t.dial(ctx); err != nil {
			return nil, err
		}
		status, err = d.reset(ctx)
	}
	if err == nil && status != ctap.OK {
		err = fmt.Errorf("the device refuses to be reset: %w", status)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// dialPause is between attempts to reach a device that may just be coming back.
const dialPause = 50 * time.Millisecond

// dial opens the device.
func (t *Target) dial(ctx context.Context) (*device, error) {
	opened, err := patiently(ctx, func() (target.Device, error) { return target.Open(ctx, t.Name) })
	if err != nil {
		return nil, err
	}
	return &device{target: t, open: opened}, nil
}

// patiently opens a way to a device, and tries again until ctx ends: after a power
// cycle it may take a moment to be there.
func patiently[W any](ctx context.Context, open func() (W, error)) (way W, err error) {
	var failed error // why at first: later it may be for want of time
	for {
		if way, err = open(); err == nil {
			return way, nil
		}
		if failed == nil {
			failed = err
		}
		select {
		case <-ctx.Done():
			return way, failed
		case <-time.After(dialPause):
		}
	}
}
