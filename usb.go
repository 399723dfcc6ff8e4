package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// portCount is how many keys a computer on link usb takes at a time.
const portCount = 2

// port is where a key goes. To the browser it is always the same key, which
// answers as whichever was plugged in.
type port struct {
	key    atomic.Pointer[Device]
	server *transport.HIDServer
}

var (
	_ ctap.Transport = (*port)(nil)
	_ u2f.Transport  = (*port)(nil)
)

var errEmptyPort = errors.New("no key is plugged in here")

// Exchange asks the key.
func (p *port) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if key := p.key.Load(); key != nil {
		return (&wiretap{key}).Exchange(ctx, request)
	}
	return nil, errEmptyPort
}

// ExchangeAPDU asks the key. What an empty port says makes the browser take it for
// one that may have U2F, which it then finds out.
func (p *port) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	if key := p.key.Load(); key != nil {
		return (&wiretap{key}).ExchangeAPDU(ctx, command)
	}
	return u2f.EncodeResponse(&u2f.VersionResponse{Version: u2f.V2}, nil), nil
}

// openPorts makes ports that are empty, as keys of a browser that is to be started.
func openPorts() (ports []*port, keys []usbkey.Key, err error) {
	for range portCount {
		p := new(port)
		if p.server, err = transport.NewHIDServer(p); err != nil {
			return ports, nil, err
		}
		ports, keys = append(ports, p), append(keys, usbkey.Key{Server: p.server})
	}
	return ports, keys, nil
}

// plugIn sees to it that exactly these keys are plugged in.
func (d *desk) plugIn(keys []*Device) error {
	var missing []*Device
	for _, key := range keys {
		if !slices.ContainsFunc(d.ports, func(p *port) bool { return p.key.Load() == key }) {
			missing = append(missing, key)
		}
	}
	for i, p := range d.ports {
		if key := p.key.Load(); key != nil && !slices.Contains(keys, key) {
			if err := d.pull(i); err != nil {
				return err
			}
		}
	}
	for i, p := range d.ports {
		if len(missing) > 0 && p.key.Load() == nil {
			p.key.Store(missing[0])
			missing = missing[1:]
			if err := d.browser.Plug(i); err != nil {
				return err
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s finds no free port: a computer on link usb has %d", missing[0].name, portCount)
	}
	return nil
}

func (d *desk) pull(n int) error {
	err := d.browser.Unplug(n)
	d.ports[n].key.Store(nil)
	return err
}
