package main

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/passkeylab/passkeylab/transport/control"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// controlVariable tells the command where the control channel of its key is.
const controlVariable = "PASSKEYLAB_CONTROL"

// usbPlug is where a key is in a bus: its power is that of the plug.
type usbPlug struct{ bus *usbkey.Bus }

func (usbPlug) Address() string { return "usb" }

// Serve leaves the key plugged in until ctx ends.
func (p usbPlug) Serve(ctx context.Context) error {
	<-ctx.Done()
	return p.Close()
}

// Close pulls the key out: the command may ask for that before anybody serves.
func (p usbPlug) Close() error {
	if err := p.bus.Unplug(0); !errors.Is(err, usbkey.ErrEnded) {
		return err
	}
	return nil // the command is gone, and its /dev with it
}

// opener returns what plugs the key in. The first time it is in already.
func (p usbPlug) opener() control.Opener {
	plug := func() error { return nil }
	return func(string) (control.Door, error) {
		err := plug()
		plug = func() error { return p.bus.Plug(0) }
		return p, err
	}
}

// handPanel opens the control channel of the only key, and tells the command where
// it is.
func (v *execVerb) handPanel(c *console, cmd *exec.Cmd, devices []*virtual) (*control.Power, servedPanel, error) {
	power := control.NewPower(devices[0].server)
	if v.Control != "" && len(devices) > 1 {
		return nil, servedPanel{}, errors.New("--control is for one key: give one --profile")
	}
	panel, err := v.openPanel(c, devices[0], power, false)
	if err == nil && panel.address != "" {
		cmd.Env = append(os.Environ(), controlVariable+"="+panel.address)
	}
	return power, panel, err
}

// operate serves the control channel of the key beside the command. leave ends
// that.
func operate(c *console, bus *usbkey.Bus, power *control.Power, panel servedPanel) (leave func() error, err error) {
	if panel.address == "" {
		return func() error { return nil }, nil
	}
	if _, err := power.Add("usb", usbPlug{bus}.opener()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c)) // signals are for the command
	ended := make(chan error, 1)
	go func() { ended <- together(ctx, power.Run, panel.serve) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}
