package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// portCount is how many keys a computer on link usb takes at a time.
const portCount = 2

// computer is a browser of one's own and the USB of the computer that it runs on.
// Whoever sits there plugs their keys in.
type computer struct {
	browser *browser.Browser
	ports   [portCount]*port
}

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
		return key.authenticator.ExchangeAPDU(ctx, command)
	}
	return u2f.EncodeResponse(&u2f.VersionResponse{Version: u2f.V2}, nil), nil
}

// openComputer starts a browser whose ports are empty. Close it.
func (s *Stage) openComputer(ctx context.Context) (_ *computer, err error) {
	c := new(computer)
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	var keys []usbkey.Key
	for i := range c.ports {
		c.ports[i] = new(port)
		if c.ports[i].server, err = transport.NewHIDServer(c.ports[i]); err != nil {
			return nil, err
		}
		keys = append(keys, usbkey.Key{Server: c.ports[i].server})
	}
	options, err := s.browserOptions(true)
	if err != nil {
		return nil, err
	}
	options.Keys = keys
	if c.browser, err = browser.Launch(ctx, options); err != nil {
		return nil, err
	}
	for i := range c.ports { // keys are plugged in where a browser starts
		if err := c.pull(i); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// plugIn sees to it that exactly these keys are plugged in.
func (c *computer) plugIn(keys []*Device) error {
	var missing []*Device
	for _, key := range keys {
		if !slices.ContainsFunc(c.ports[:], func(p *port) bool { return p.key.Load() == key }) {
			missing = append(missing, key)
		}
	}
	for i, p := range c.ports {
		if key := p.key.Load(); key != nil && !slices.Contains(keys, key) {
			if err := c.pull(i); err != nil {
				return err
			}
		}
	}
	for i, p := range c.ports {
		if len(missing) > 0 && p.key.Load() == nil {
			p.key.Store(missing[0])
			missing = missing[1:]
			if err := c.browser.Plug(i); err != nil {
				return err
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s finds no free port: a computer on link usb has %d", missing[0].name, portCount)
	}
	return nil
}

func (c *computer) pull(n int) error {
	err := c.browser.Unplug(n)
	c.ports[n].key.Store(nil)
	return err
}

// close ends the browser, and then what its keys were.
func (c *computer) close() (err error) {
	if c.browser != nil {
		err = c.browser.Close()
	}
	for _, p := range c.ports {
		if p != nil && p.server != nil {
			p.server.Close()
		}
	}
	return err
}
