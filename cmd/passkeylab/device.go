package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
)

type deviceVerb struct {
	Profile string `help:"Kind of device: security-key, fingerprint-key, phone or laptop." default:"security-key" enum:"security-key,fingerprint-key,phone,laptop" placeholder:"NAME"`
	deviceFlags
	Listen []string `help:"Serve CTAPHID reports at unix:PATH, tcp:HOST:PORT or udp:HOST:PORT. Repeatable. Port 0 takes a free one." required:"" sep:"none" placeholder:"ADDRESS"`

	Anywhere bool `help:"Listen on addresses that other machines can reach. Whoever reaches a device can use it."`
}

func (v *deviceVerb) Run(c *console) (err error) {
	device, err := v.powerUp(c, v.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.close()) }()
	listeners, err := v.listen()
	if err != nil {
		return err
	}
	for _, l := range listeners {
		fmt.Fprintf(c.err, "%s at %s\n", v.Profile, l.Address())
	}
	return serveDevice(c, listeners, device.server)
}

// listen opens all addresses, or none.
func (v *deviceVerb) listen() (opened []socket.Listener, err error) {
	open := socket.Listen
	if v.Anywhere {
		open = socket.ListenAnywhere
	}
	for _, at := range v.Listen {
		l, err := open(at)
		if err != nil {
			for _, l := range opened {
				err = errors.Join(err, l.Close())
			}
			if errors.Is(err, socket.ErrNotLocal) {
				err = fmt.Errorf("%w; use 127.0.0.1, or say --anywhere", err)
			}
			return nil, fmt.Errorf("--listen %w", err)
		}
		opened = append(opened, l)
	}
	return opened, nil
}

// serveDevice serves at all addresses until ctx ends, or one of them fails.
func serveDevice(ctx context.Context, listeners []socket.Listener, server *transport.HIDServer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error)
	for _, l := range listeners {
		go func() {
			defer cancel()
			ended <- l.Serve(ctx, server)
		}()
	}
	var failed error
	for range listeners {
		failed = errors.Join(failed, <-ended)
	}
	return failed
}
