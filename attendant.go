package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/client"
)

// attendant is the user in front of the browser's own passkey dialogs.
type attendant struct {
	tab    *browser.Tab
	device *Device // that the browser is on
	desk   *desk
	asked  bool // for the PIN, in this ceremony
	scans  sync.WaitGroup
}

// during answers dialogs while something goes on in the page.
func (a *attendant) during(ctx context.Context, something func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		defer cancel()
		failed <- a.attend(ctx)
	}()
	a.scan(ctx)
	err := something(ctx)
	ended := ctx.Err() != nil
	cancel()
	a.scans.Wait()
	if trouble := <-failed; trouble != nil && ended {
		return trouble
	}
	return err
}

// attend answers one dialog after the other until ctx ends.
func (a *attendant) attend(ctx context.Context) error {
	var last browser.Dialog
	var filled string // the form that was
	a.asked = false
	// A form that was filled may still be there for a while, and look different.
	news := func(d browser.Dialog) bool { return !d.Is(last) && (d.Form == "" || d.Form != filled) }
	for {
		seen, err := a.tab.Dialog(ctx, news)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = a.answer(ctx, seen)
		}
		if err != nil {
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil // the page went on without an answer
			}
			return fmt.Errorf("at the browser's %s: %w", seen, err)
		}
		last = seen
		if seen.Form != "" {
			filled = seen.Form
		}
	}
}

// scan has the user's phone scan the QR code that the browser shows, if there is
// one. The user gives up where nothing comes of it that the browser would notice.
func (a *attendant) scan(ctx context.Context) {
	where := a.device.elsewhere
	if a.desk.nearby == nil || where == nil {
		return
	}
	a.scans.Go(func() {
		text, err := a.tab.QR(ctx)
		if err != nil {
			return // the page went on without, or waits for one, which is told
		}
		a.photograph(ctx, "shows a QR code")
		met := false
		if where.phone != nil {
			if met, err = where.phone.scan(ctx, text, a.desk.nearby.Phone); err != nil {
				a.device.lab.Note("%s: %v", where.phone.name, err)
			}
		}
		if !met {
			_ = a.tab.PressDialog(ctx, "Cancel") // or something else has closed it
		}
	})
}

// photograph takes a picture of a dialog for the record. No other link shows it.
func (a *attendant) photograph(ctx context.Context, what string) {
	l := a.device.lab
	if l.options.entry == nil {
		return // nobody will look at it
	}
	if png, err := a.tab.WindowScreenshot(ctx); err == nil {
		l.record.step(a.device.name+" "+what, &picture{png, "image/png"})
	}
}

// answer does what the user does about a dialog.
func (a *attendant) answer(ctx context.Context, d browser.Dialog) error {
	switch {
	case d.Title == "":
		return nil
	case d.Fields > 0:
		return a.enterPIN(ctx, d)
	case d.Title == "Choose a passkey":
		return a.choose(ctx, d)
	case slices.Contains(d.Buttons, "Continue"): // there is one account
		return a.tab.PressDialog(ctx, "Continue")
	case slices.Contains(d.Buttons, "Close"): // it tells of a failure
		return a.tab.PressDialog(ctx, "Close")
	case d.Title == "Something went wrong":
		return a.tab.PressDialog(ctx, "Cancel")
	}
	return nil // it waits for a touch
}

// enterPIN types what the key's owner remembers, or has been told to enter.
func (a *attendant) enterPIN(ctx context.Context, d browser.Dialog) error {
	key := a.device.atHand()
	if key == nil {
		return fmt.Errorf("no key is plugged into %s", a.device.name)
	}
	a.photograph(ctx, "asks for a PIN")
	typed, err := key.pins.answer(a.reason(d))
	if err != nil {
		return a.tab.PressDialog(ctx, "Cancel")
	}
	if err := a.tab.FillDialog(ctx, slices.Repeat([]string{typed}, d.Fields)...); err != nil {
		return err
	}
	return a.submitPIN(ctx, key, d.Form, typed)
}

// shortest is the least that browsers send to a key (CTAP 2.3 §6.5.1).
const shortest = 4

// submitPIN presses the button until the key has been asked, or until the form has gone
// for another reason. What is too short for a PIN Chromium never sends.
func (a *attendant) submitPIN(ctx context.Context, key *Device, form, typed string) error {
	if utf8.RuneCountInString(typed) < shortest {
		return a.tab.PressDialog(ctx, "Next") // until it says so
	}
	before := key.pins.tries()
	return a.tab.SubmitDialog(ctx, form, "Next", func(ctx context.Context) error { return key.pins.tried(ctx, before+1) })
}

// reason is why a dialog asks for a PIN.
func (a *attendant) reason(d browser.Dialog) client.PINReason {
	again := a.asked
	a.asked = true
	switch {
	case d.Fields > 1:
		return client.PINSet
	case again:
		return client.PINAgain
	}
	return client.PINEnter
}

// choose presses the button of the account that the user picks.
func (a *attendant) choose(ctx context.Context, d browser.Dialog) error {
	a.photograph(ctx, "asks which passkey to use")
	account := a.device.person.chosen()
	if account == "" && len(d.Buttons) > 0 {
		account = d.Buttons[0]
	}
	if !slices.ContainsFunc(d.Buttons, func(label string) bool { return strings.HasPrefix(label, account) }) {
		return fmt.Errorf("%q is not among the accounts", account)
	}
	return a.tab.PressDialog(ctx, account)
}

// atHand is the key that the user of a device holds: the one they reach for, or the
// first.
func (d *Device) atHand() *Device {
	if keys := d.touched(); len(keys) > 0 {
		return keys[0]
	}
	return nil
}

// touched are the keys in the device that its user touches, where asked to.
func (d *Device) touched() []*Device {
	use := d.person.using()
	if use == "" || use == d.name {
		return d.plugged
	}
	return slices.DeleteFunc(slices.Clone(d.plugged), func(key *Device) bool { return key.name != use })
}

// replug shows the browser, on link usb, which keys are plugged in now. A key that
// nobody touches never answers, and is left out.
func (c *chromeTab) replug() error {
	if c.seat.desk == nil || c.seat.desk.ports == nil {
		return nil
	}
	return c.seat.desk.plugIn(c.device.touched())
}

// unlisted is autofill of a browser whose passkeys are all on security keys: it
// lists none (WebAuthn L3 §5.1.4, mediation conditional).
type unlisted struct{}

func (unlisted) offered(context.Context) ([]string, *picture, error) {
	return nil, nil, errors.New("autofill lists no passkeys of security keys")
}

func (unlisted) pick(context.Context, string) error {
	return errors.New("autofill lists no passkeys of security keys")
}

func (unlisted) take(context.Context, string) error {
	return errors.New("autofill lists no passkeys of security keys")
}
