package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// chromeTab is a visit in a real browser, by one of its links.
type chromeTab struct {
	stage   *Stage
	seat    *seat
	tab     *browser.Tab
	device  *Device
	mirrors *mirrors // nil where no authenticator of Chromium's stands for ours

	attendant *attendant // at the browser's own dialogs; nil where there are none
	autofill
}

var _ tab = (*chromeTab)(nil)

// openChrome sits down at a browser on a device: no cookies, nobody else's
// passkeys.
func (l *Lab) openChrome(ctx context.Context, d *Device) (*chromeTab, error) {
	taken, err := l.stage.seat(ctx, l.seatKind(d))
	if browser.IsMissing(err) || errors.Is(err, usbkey.ErrUnavailable) {
		l.t.Skipf("%v", err)
	}
	if err != nil {
		return nil, err
	}
	taken.visitor.sitDown(d)
	c := &chromeTab{stage: l.stage, seat: taken, tab: taken.tab, device: d}
	if err := c.follow(ctx); err != nil {
		return nil, errors.Join(err, taken.tab.Ended(), l.stage.leave(ctx, taken, false))
	}
	return c, nil
}

// follow has the browser ask for what the user of the device takes.
func (c *chromeTab) follow(ctx context.Context) error {
	c.attendant, c.mirrors = nil, nil
	switch link := c.seat.kind.link; {
	case link == CDP, link == Hybrid && c.device.staysHere():
		if link == Hybrid {
			c.device.lab.Note("a virtual authenticator of Chromium's stands for the one in %s", c.device.name)
		}
		c.autofill, c.mirrors = popup{c}, &mirrors{tab: c.tab, device: c.device}
		return c.mirrors.build(ctx, false)
	case link == Hybrid:
		c.autofill, c.attendant = unlisted{}, &attendant{tab: c.tab, device: c.device, desk: c.seat.desk}
		return c.tab.UseRealDevices(ctx)
	case link == USB:
		c.autofill, c.attendant = unlisted{}, &attendant{tab: c.tab, device: c.device, desk: c.seat.desk}
		return c.replug()
	}
	c.autofill = scripted{c}
	return nil
}

// staysHere reports whether the user takes the authenticator in the device, which on
// link hybrid a virtual one of Chromium's stands for: on Linux it has no real one.
func (d *Device) staysHere() bool { return d.elsewhere == nil && d.model.Platform }

func (c *chromeTab) open(ctx context.Context, url string) error {
	c.device.person.clearOffer()
	if err := c.tab.Navigate(ctx, url); err != nil {
		return err
	}
	return c.rest(ctx)
}

func (c *chromeTab) fill(ctx context.Context, id, text string) error {
	return c.tab.Fill(ctx, "#"+id, text)
}

func (c *chromeTab) press(ctx context.Context, id string) error { return c.click(ctx, "#"+id) }

func (c *chromeTab) removeFirst(ctx context.Context) error {
	return c.click(ctx, "#passkey-list .remove")
}

// click marks the document, clicks, and waits until either another document is
// at rest or this one has an error to show.
func (c *chromeTab) click(ctx context.Context, selector string) error {
	if err := c.mark(ctx); err != nil {
		return err
	}
	c.device.person.clearOffer()
	switch {
	case !holdsCeremony(selector):
		return c.clickAndSettle(ctx, selector)
	case c.attendant != nil:
		return c.attendant.during(ctx, func(ctx context.Context) error { return c.clickAndSettle(ctx, selector) })
	case c.mirrors != nil:
		return c.mirrors.during(ctx, func(ctx context.Context) error { return c.clickAndSettle(ctx, selector) })
	}
	return c.clickAndSettle(ctx, selector)
}

// holdsCeremony reports whether a click there asks for a passkey.
func holdsCeremony(selector string) bool {
	switch selector {
	case "#create-passkey", "#passkey-button", "#use-passkey", "#keep-note", "#read-note":
		return true
	}
	return false
}

// clickAndSettle clicks again if the click was lost on its way, as happens when
// a window comes to the front in that moment.
func (c *chromeTab) clickAndSettle(ctx context.Context, selector string) error {
	err := c.tab.Click(ctx, selector)
	for err == nil {
		var arrived bool
		if arrived, err = c.arrived(ctx); err != nil {
			return err
		}
		if arrived {
			return c.settle(ctx)
		}
		err = c.clickAgain(ctx, selector)
	}
	return err
}

// clickAgain clicks on what a click seems to have missed. That may only be late, and may
// lead to another page meanwhile, where there is nothing of this kind to click on.
func (c *chromeTab) clickAgain(ctx context.Context, selector string) error {
	trying, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if c.tab.WaitFunc(trying, landed) == nil {
			stop()
		}
	})
	err := c.tab.Click(trying, selector)
	late := trying.Err() != nil && ctx.Err() == nil
	stop()
	watching.Wait()
	if late {
		return nil
	}
	return err
}

// arrived reports whether the page heard the click. A page that is too busy to
// say so in time is asked once more and may take as long as it likes: a second
// click on a button that was pressed already would be another deed of the user.
func (c *chromeTab) arrived(ctx context.Context) (arrived bool, err error) {
	landing, cancel := context.WithTimeout(ctx, clickPatience)
	defer cancel()
	if c.tab.WaitFunc(landing, landed) == nil {
		return true, nil
	}
	err = c.tab.Eval(ctx, landed, &arrived)
	return arrived, err
}

// clickPatience is how long a click may take to arrive in the page: on a busy machine
// some seconds.
const clickPatience = 10 * time.Second

// Conditions on a page of the site, see docs/site-hooks.md.
const (
	atRest = `document.body?.dataset.state === "ready" && document.body.dataset.autofill !== "loading" &&
		!["due", "sending"].includes(document.body.dataset.signals)`
	// A mark is a property of the document that the next one lacks, an emptied
	// error box, an ear for the click, whose work is done at once where it ticks or opens
	// something, and an eye on a script that has done its work without leaving: busy, and
	// then ready.
	putMark = `document.marked = true; document.clicked = false; document.done = false;
		document.watch?.disconnect();
		document.watch = new MutationObserver((changes) => {
			if (document.body.dataset.state === "ready" && changes.some(({oldValue}) => oldValue === "busy")) document.done = true;
		});
		document.watch.observe(document.body, {attributeFilter: ["data-state"], attributeOldValue: true});
		document.addEventListener("click", ({target}) => {
			document.clicked = true;
			document.done = target.closest("summary, input[type=checkbox]") !== null;
		}, {capture: true, once: true});
		document.getElementById("error")?.replaceChildren(); document.getElementById("error")?.setAttribute("data-error", "")`
	landed = `!document.marked || document.clicked`
	// settled: another document, an error in this one, or its script's work done.
	settled = `(!document.marked || document.done || document.getElementById("error")?.textContent !== "") && ` + atRest
)

func (c *chromeTab) mark(ctx context.Context) error { return c.tab.Eval(ctx, putMark, nil) }

func (c *chromeTab) settle(ctx context.Context) error { return c.tab.WaitFunc(ctx, settled) }

func (c *chromeTab) rest(ctx context.Context) error { return c.tab.WaitFunc(ctx, atRest) }

func (c *chromeTab) look(ctx context.Context) (view, error) {
	var v view
	err := c.tab.Eval(ctx, `(() => {
		const error = document.getElementById("error");
		return {
			Screen: document.body.dataset.screen ?? "",
			Message: error?.textContent.trim() ?? "",
			Key: error?.dataset.error ?? "",
			URL: location.href,
		};
	})()`, &v)
	return v, err
}

func (c *chromeTab) text(ctx context.Context, id string) (string, error) {
	return c.tab.Text(ctx, "#"+id)
}

func (c *chromeTab) has(ctx context.Context, id string) (bool, error) {
	return c.tab.Visible(ctx, "#"+id)
}

func (c *chromeTab) waiting(ctx context.Context) (bool, error) {
	var state string
	err := c.tab.Eval(ctx, `document.body.dataset.autofill ?? ""`, &state)
	return state == "waiting", err
}

func (c *chromeTab) arrive(ctx context.Context, screen string) error {
	return c.tab.WaitFunc(ctx, fmt.Sprintf(`document.body?.dataset.screen === %q && %s`, screen, atRest))
}

func (c *chromeTab) upgrade(ctx context.Context) (state string, err error) {
	if err := c.tab.WaitFunc(ctx, `!["due", "trying"].includes(document.body.dataset.upgrade)`); err != nil {
		return "", err
	}
	err = c.tab.Eval(ctx, `document.body.dataset.upgrade ?? ""`, &state)
	return state, err
}

func (c *chromeTab) photograph(ctx context.Context) (*picture, error) {
	jpeg, err := c.tab.Screenshot(ctx)
	if err != nil {
		return nil, err
	}
	return &picture{jpeg, "image/jpeg"}, nil
}

func (c *chromeTab) close(ctx context.Context) error {
	return c.stage.leave(ctx, c.seat, !c.device.lab.failed)
}

// autofill is how a person gets at the passkeys that the email field offers.
type autofill interface {
	offered(ctx context.Context) ([]string, *picture, error)
	pick(ctx context.Context, name string) error
	take(ctx context.Context, name string) error // pick, without waiting for what comes of it
}

// scripted is autofill by our own client: the list is what it would show.
type scripted struct{ *chromeTab }

func (s scripted) offered(ctx context.Context) ([]string, *picture, error) {
	o, err := s.device.person.offered(ctx)
	if err != nil {
		return nil, nil, err
	}
	return accountNames(o.accounts), nil, nil
}

func (s scripted) pick(ctx context.Context, name string) error {
	if err := s.mark(ctx); err != nil {
		return err
	}
	if err := s.take(ctx, name); err != nil {
		return err
	}
	return s.settle(ctx)
}

func (s scripted) take(ctx context.Context, name string) error {
	o, err := s.device.person.offered(ctx)
	if err != nil {
		return err
	}
	return o.take(name)
}

// popup is the browser's own autofill popup.
type popup struct{ *chromeTab }

// reveal has Chromium show its own interface, which it did not while the lab
// decided for the user, and opens the popup.
func (p popup) reveal(ctx context.Context) ([]browser.PopupEntry, error) {
	if !p.mirrors.popup {
		if err := p.mirrors.build(ctx, true); err != nil {
			return nil, err
		}
		if err := p.tab.Reload(ctx); err != nil {
			return nil, err
		}
		if err := p.rest(ctx); err != nil {
			return nil, err
		}
	}
	return p.tab.Popup(ctx)
}

func (p popup) offered(ctx context.Context) ([]string, *picture, error) {
	entries, err := p.reveal(ctx)
	if err != nil {
		return nil, nil, err
	}
	png, err := p.tab.WindowScreenshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Passkey {
			name, _, _ := strings.Cut(e.Label, " ")
			names = append(names, name)
		}
	}
	return names, &picture{png, "image/png"}, nil
}

func (p popup) pick(ctx context.Context, name string) error {
	entries, err := p.reveal(ctx)
	if err != nil {
		return err
	}
	if err := p.mark(ctx); err != nil {
		return err
	}
	if err := p.takeFrom(ctx, entries, name); err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	return p.mirrors.build(ctx, false)
}

func (p popup) take(ctx context.Context, name string) error {
	entries, err := p.tab.Popup(ctx)
	if err != nil {
		return err
	}
	return p.takeFrom(ctx, entries, name)
}

func (p popup) takeFrom(ctx context.Context, entries []browser.PopupEntry, name string) error {
	i := slices.IndexFunc(entries, func(e browser.PopupEntry) bool {
		return e.Passkey && strings.HasPrefix(e.Label, name+" ")
	})
	if i < 0 {
		return fmt.Errorf("the autofill popup offers %+v, and nothing for %q", entries, name)
	}
	// Not before: a page that the popup took the place of may have left a request behind.
	if err := p.mirrors.hands(ctx, func(*Device) bool { return true }); err != nil {
		return err
	}
	return p.tab.PickPopup(ctx, i)
}
