package control

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Door is an open way to a device.
type Door interface {
	// Address names the door, so that opening that again opens the same one.
	Address() string
	// Serve lets clients in until ctx ends, which is no error, and closes the door.
	Serve(ctx context.Context) error
	Close() error
}

// Opener opens a door by its address.
type Opener func(at string) (Door, error)

// Device is what has power. Both methods return when that has gone or come.
type Device interface {
	PowerOff() // it answers nothing, and forgets what it kept in memory alone
	PowerOn()
}

// Power is that of a device behind doors. When it goes every door closes, as a
// key vanishes that is pulled out: connections end, sockets refuse, devices of
// the operating system disappear. A device without doors of this kind only falls
// silent. When it comes back the doors open at the same
// addresses. It is safe for concurrent use.
type Power struct {
	device Device

	mu     sync.Mutex // held while power goes or comes
	off    bool
	doors  []*doorway
	life   context.Context // of Run, nil before
	failed chan error
}

// doorway is where a door is, or will be again.
type doorway struct {
	at   string
	open Opener
	door Door // nil while it is closed
	stop context.CancelFunc
	done chan struct{} // closed when the door is
}

// NewPower returns the power of a device, which is on.
func NewPower(device Device) *Power {
	return &Power{device: device, failed: make(chan error, 1)}
}

// Add opens a door and returns its address. [Power.Run] serves there.
func (p *Power) Add(at string, open Opener) (address string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	door, err := open(at)
	if err != nil {
		return "", err
	}
	p.doors = append(p.doors, &doorway{at: door.Address(), open: open, door: door})
	return door.Address(), nil
}

// Close closes all doors for good.
func (p *Power) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var failed error
	for _, d := range p.doors {
		failed = errors.Join(failed, d.close())
	}
	p.doors = nil
	return failed
}

// Run serves at all doors, whenever there is power, until ctx ends or one of them
// fails, and closes them. It is called once.
func (p *Power) Run(ctx context.Context) error {
	p.mu.Lock()
	p.life = ctx
	for _, d := range p.doors {
		p.serve(d)
	}
	p.mu.Unlock()
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-p.failed:
	}
	return errors.Join(failed, p.Close())
}

// serve lets clients in at an open door.
func (p *Power) serve(d *doorway) {
	if p.life == nil || d.door == nil {
		return
	}
	ctx, stop := context.WithCancel(p.life)
	door, done := d.door, make(chan struct{})
	d.stop, d.done = stop, done
	go func() {
		defer close(done)
		err := door.Serve(ctx)
		if err == nil && ctx.Err() == nil {
			err = errors.New("it was closed")
		}
		if err != nil {
			select {
			case p.failed <- fmt.Errorf("%s: %w", d.at, err):
			default: // one is enough
			}
		}
	}()
}

// close closes a door, and waits until nobody is left in it.
func (d *doorway) close() error {
	if d.door == nil {
		return nil
	}
	door := d.door
	d.door = nil
	if d.stop == nil {
		return door.Close()
	}
	d.stop()
	<-d.done
	d.stop = nil
	return nil
}

// Off cuts the power, and returns when all doors are closed and the device has
// forgotten what it kept in memory alone.
func (p *Power) Off() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut()
}

func (p *Power) cut() error {
	if p.off {
		return nil
	}
	p.off = true
	var failed error
	for _, d := range p.doors {
		failed = errors.Join(failed, d.close())
	}
	p.device.PowerOff()
	return failed
}

// On restores the power, and returns when all doors are open. A door that cannot
// be opened again, such as a port that another program took, is tried again the
// next time.
func (p *Power) On() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.restore()
}

func (p *Power) restore() error {
	if p.off {
		p.off = false
		p.device.PowerOn()
	}
	var failed error
	for _, d := range p.doors {
		if d.door != nil {
			continue
		}
		door, err := d.open(d.at)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("opening it again: %w", err))
			continue
		}
		d.door = door
		p.serve(d)
	}
	return failed
}

// Cycle cuts the power and restores it. between is done while it is off, if it
// is not nil.
func (p *Power) Cycle(between func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	failed := p.cut()
	if between != nil {
		failed = errors.Join(failed, between())
	}
	return errors.Join(failed, p.restore())
}

// IsOn tells whether there is power.
func (p *Power) IsOn() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.off
}

// Doors returns the addresses of the doors that are open.
func (p *Power) Doors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	open := []string{}
	for _, d := range p.doors {
		if d.door != nil {
			open = append(open, d.at)
		}
	}
	return open
}
