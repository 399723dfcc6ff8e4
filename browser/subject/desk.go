package subject

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// portCount is how many devices can be plugged in at a time.
const portCount = 2

// desk is a running Chromium, with a page in it and what is about the computer.
type desk struct {
	ports   []*port         // on link usb
	nearby  *browser.Nearby // on link hybrid
	browser *browser.Browser
	tab     *browser.Tab
	web     *web
	origin  string // of the page that the tab shows; "" for none
	pulse   pulse
}

// openDesk starts Chromium with nothing plugged in, and nobody near.
func openDesk(ctx context.Context, link Link) (_ *desk, err error) {
	d := new(desk)
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.web, err = openWeb(); err != nil {
		return nil, err
	}
	options := d.web.options(browser.Options{Headed: true})
	if link == Hybrid {
		if d.nearby, err = browser.StartNearby(ctx); err != nil {
			return nil, err
		}
		options = d.nearby.Options(options)
	} else {
		for range portCount {
			p := &port{pulse: &d.pulse}
			d.ports, options.Keys = append(d.ports, p), append(options.Keys, usbkey.Key{Connect: p.connect})
		}
	}
	if d.browser, err = browser.Launch(ctx, options); err != nil {
		return nil, err
	}
	for i := range d.ports { // keys are plugged in where a browser starts
		if err = d.browser.Unplug(i); err != nil {
			return nil, err
		}
	}
	visitor, err := d.browser.NewContext(ctx, browser.ContextOptions{})
	if err != nil {
		return nil, err
	}
	d.tab, err = visitor.NewTab(ctx)
	return d, err
}

func (d *desk) close() (err error) {
	if d.browser != nil {
		err = d.browser.Close()
	}
	if d.nearby != nil {
		err = errors.Join(err, d.nearby.Close())
	}
	if d.web != nil {
		d.web.close()
	}
	return err
}

// plug puts devices into ports, on link usb. unplug takes them out again.
func (d *desk) plug(devices []*clients.Device) (unplug func() error, err error) {
	n := 0
	unplug = func() (err error) {
		for i := range n {
			err = errors.Join(err, d.browser.Unplug(i))
			d.ports[i].put(nil)
		}
		return err
	}
	if d.ports == nil {
		return unplug, nil
	}
	if len(devices) > len(d.ports) {
		return unplug, fmt.Errorf("%d devices for %d ports", len(devices), len(d.ports))
	}
	for i, device := range devices {
		d.ports[i].put(device)
		if err := d.browser.Plug(i); err != nil {
			return unplug, err
		}
		n++
	}
	return unplug, nil
}
