package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/control"
	"github.com/passkeylab/passkeylab/transport/hidg"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/transport/uhid"
)

// door is a listener to a device that it lets clients to.
type door struct {
	socket.Listener
	device *transport.HIDServer
}

func (d door) Serve(ctx context.Context) error { return d.Listener.Serve(ctx, d.device) }

// openDoors opens all addresses, or says which it cannot.
func (v *deviceVerb) openDoors(power *control.Power, device *virtual) (addresses []string, err error) {
	for _, at := range v.Listen {
		address, err := power.Add(at, func(at string) (control.Door, error) {
			l, err := v.openAt(at, device.clock)
			if err != nil {
				return nil, err
			}
			return door{l, device.server}, nil
		})
		if errors.Is(err, socket.ErrNotLocal) {
			err = fmt.Errorf("%w; use 127.0.0.1, or say --anywhere", err)
		}
		if err != nil {
			return nil, fmt.Errorf("--listen %w", err)
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}

// openAt opens an address: a socket, unless its first word is another door's.
func (v *deviceVerb) openAt(at string, clock transport.Clock) (socket.Listener, error) {
	switch {
	case isReader(at):
		return v.openReader(at, clock)
	case at == uhid.Name:
		return uhid.Open()
	case hidg.Is(at):
		return hidg.Open(at)
	case v.Anywhere:
		return socket.ListenAnywhere(at)
	}
	return socket.Listen(at)
}
