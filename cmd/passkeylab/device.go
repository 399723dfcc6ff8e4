package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
)

type deviceVerb struct {
	Profile string   `help:"Kind of device: security-key, fingerprint-key, phone or laptop." default:"security-key" enum:"security-key,fingerprint-key,phone,laptop" placeholder:"NAME"`
	PIN     string   `help:"Give the device this PIN, unless it has it already." placeholder:"PIN"`
	Store   string   `help:"Keep what the device remembers in this file; in memory by default." type:"path" placeholder:"FILE"`
	Listen  []string `help:"Serve CTAPHID reports at unix:PATH, tcp:HOST:PORT or udp:HOST:PORT, or lie as a card in the reader of vpcd:HOST:PORT. Repeatable. Port 0 takes a free one." required:"" sep:"none" placeholder:"ADDRESS"`

	Anywhere bool `help:"Listen on addresses that other machines can reach. Whoever reaches a device can use it."`
}

// profiles are the devices there are, by the name a command line has for them.
var profiles = map[string]func() authenticator.Model{
	"phone": authenticator.Phone, "laptop": authenticator.Laptop,
	"security-key": authenticator.SecurityKey, "fingerprint-key": authenticator.BioKey,
}

func (v *deviceVerb) Run(c *console) (err error) {
	store, closeStore, err := v.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	device, err := authenticator.New(profiles[v.Profile](), authenticator.Env{
		Store: store, User: transport.Attend(new(authenticator.ScriptedUser)), // who touches whatever asks to be touched
		Clock: authenticator.SystemClock{}, Random: rand.Reader,
	})
	if err != nil {
		return err
	}
	if err := givePIN(c, device, store, v.PIN); err != nil {
		return fmt.Errorf("--pin: %w", err)
	}
	server, err := transport.NewHIDServer(device)
	if err != nil {
		return err
	}
	defer server.Close()
	listeners, err := v.listen()
	if err != nil {
		return err
	}
	for _, l := range listeners {
		fmt.Fprintf(c.err, "%s at %s\n", v.Profile, l.Address())
	}
	return serveDevice(c, listeners, server)
}

// open opens the store and says how to close it.
func (v *deviceVerb) open() (authenticator.Store, func() error, error) {
	if v.Store == "" {
		return authenticator.NewMemoryStore(), func() error { return nil }, nil
	}
	store, err := authenticator.OpenFileStore(v.Store)
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

// listen opens all addresses, or none.
func (v *deviceVerb) listen() (opened []socket.Listener, err error) {
	open := socket.Listen
	if v.Anywhere {
		open = socket.ListenAnywhere
	}
	for _, at := range v.Listen {
		l, err := v.openAt(at, open)
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
