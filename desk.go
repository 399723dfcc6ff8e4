package passkeylab

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/browser"
)

// desk is a browser of one's own, and what is about the computer that it runs on:
// ports for keys on link usb, phones in the air on link hybrid.
type desk struct {
	browser *browser.Browser
	ports   []*port
	nearby  *browser.Nearby
}

// openDesk starts a browser with nothing plugged in, and nobody near. Close it.
func (s *Stage) openDesk(ctx context.Context, link Link) (_ *desk, err error) {
	d := new(desk)
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	options, err := s.browserOptions(true)
	if err != nil {
		return nil, err
	}
	if link == USB {
		if d.ports, options.Keys, err = openPorts(); err != nil {
			return nil, err
		}
	} else {
		if d.nearby, err = browser.StartNearby(ctx); err != nil {
			return nil, err
		}
		options = d.nearby.Options(options)
	}
	if d.browser, err = browser.Launch(ctx, options); err != nil {
		return nil, err
	}
	for i := range d.ports { // keys are plugged in where a browser starts
		if err := d.pull(i); err != nil {
			return nil, errors.Join(err, d.browser.Ended())
		}
	}
	return d, nil
}

// clean leaves the computer as the next visitor should find it.
func (d *desk) clean() error { return d.plugIn(nil) }

// close ends the browser, and then what was about it.
func (d *desk) close() (err error) {
	if d.browser != nil {
		err = d.browser.Close()
	}
	for _, p := range d.ports {
		if p.server != nil {
			p.server.Close()
		}
	}
	if d.nearby != nil {
		err = errors.Join(err, d.nearby.Close())
	}
	return err
}
