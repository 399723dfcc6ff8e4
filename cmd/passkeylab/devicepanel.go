package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport/control"
)

// controlFlags let a program stand in for the person at a device.
type controlFlags struct {
	Control string `help:"Let programs drive touch and power by HTTP at this address of the loopback interface; GET /help there tells how. Port 0 takes a free one." placeholder:"HOST:PORT"`
	Touch   string `help:"How the device is touched: auto, manual (by --control), refuse, or after a time such as 2s." default:"auto" placeholder:"HOW"`
}

// winking is a device with a lamp.
type winking struct {
	*authenticator.Authenticator
	*control.Lamp
}

// user is who is at the device.
func (f controlFlags) user() (*control.User, error) {
	manner, err := control.ParseManner(f.Touch)
	if err != nil {
		return nil, fmt.Errorf("--touch %w", err)
	}
	u := new(control.User)
	u.SetManner(manner)
	return u, nil
}

// servedPanel is a control channel that is ready to serve; without --control it has
// no address, and serving does nothing.
type servedPanel struct {
	address string
	serve   func(context.Context) error
}

func (f controlFlags) openPanel(c *console, d *virtual, power *control.Power, anywhere bool) (servedPanel, error) {
	if f.Control == "" {
		return servedPanel{serve: func(ctx context.Context) error { <-ctx.Done(); return nil }}, nil
	}
	listen := control.Listen
	if anywhere {
		listen = control.ListenAnywhere
	}
	l, err := listen(f.Control)
	if errors.Is(err, control.ErrNotLocal) {
		err = fmt.Errorf("%w; use 127.0.0.1", err)
	}
	if err != nil {
		return servedPanel{}, fmt.Errorf("--control %w", err)
	}
	panel := d.panel(c, power)
	return servedPanel{"http://" + l.Addr().String(), func(ctx context.Context) error { return panel.Serve(ctx, l) }}, nil
}

// panel controls a device. What a test suite finds is a result, and told as one.
func (d *virtual) panel(c *console, power *control.Power) *control.Panel {
	return &control.Panel{
		User: d.user, Power: power, Lamp: d.lamp, Clock: d.clock,
		Erase: func(ctx context.Context) error {
			return d.store.Commit(ctx, authenticator.Change{Wipe: true})
		},
		Report: func(results []byte) { fmt.Fprintf(c.out, "%s\n", results) },
	}
}
