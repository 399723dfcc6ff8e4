package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/passkeylab/passkeylab/transport/control"
)

type deviceVerb struct {
	Profile string `help:"What the device is: security-key, fingerprint-key, pin-key, phone, laptop, a product of passkeylab profiles, or a FILE.json that describes one." default:"security-key" placeholder:"NAME"`
	deviceFlags
	Listen []string `help:"Serve CTAPHID reports at unix:PATH, tcp:HOST:PORT or udp:HOST:PORT, lie as a card in the reader of vpcd:HOST:PORT, or be a USB key: uhid for this machine, hidg for the one that its device port leads to. Repeatable. Port 0 takes a free one." required:"" sep:"none" placeholder:"ADDRESS"`

	Anywhere bool `help:"Listen on addresses that other machines can reach. Whoever reaches a device can use it."`
}

func (v *deviceVerb) Run(c *console) (err error) {
	what, err := choose(v.Profile)
	if err != nil {
		return err
	}
	device, err := v.powerUp(c, what)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.close()) }()
	power := control.NewPower(device.server)
	defer func() { err = errors.Join(err, power.Close()) }()
	addresses, err := v.openDoors(power, device)
	if err != nil {
		return err
	}
	panel, err := v.openPanel(c, device, power, v.Anywhere)
	if err != nil {
		return err
	}
	for _, at := range addresses {
		fmt.Fprintf(c.err, "%s at %s\n", device.name, quoted(at))
	}
	if panel.address != "" {
		fmt.Fprintf(c.err, "its control at %s\n", panel.address)
	}
	return together(c, power.Run, panel.serve, func(ctx context.Context) error { return device.tellWinks(ctx, c) })
}

// tellWinks says whenever the device winks, until ctx ends.
func (d *virtual) tellWinks(ctx context.Context, c *console) error {
	for n := 1; d.lamp.Await(ctx, n) == nil; n++ {
		fmt.Fprintf(c.err, "%s winks\n", d.name)
	}
	return nil
}

// together does several things until ctx ends, or one of them fails or ends.
func together(ctx context.Context, tasks ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failures := make([]error, len(tasks))
	var running sync.WaitGroup
	for i, task := range tasks {
		running.Go(func() {
			defer cancel()
			failures[i] = task(ctx)
		})
	}
	running.Wait()
	return errors.Join(failures...)
}
