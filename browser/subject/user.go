package subject

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// patience is how long the user waits while neither the device nor Chromium's dialog
// says anything, until they take the request back. Chromium waits on for another
// device where one has answered nonsense, and says nothing. With a phone there is more
// to be done unseen, codes to be read off the screen and tunnels to be dug, which takes
// a busy machine seconds, and fewer cases that end so.
var patience = map[Link]time.Duration{USB: 1500 * time.Millisecond, Hybrid: 10 * time.Second}

// user is who sits in front of Chromium during one request.
type user struct {
	tab     *browser.Tab
	link    Link
	request *clients.Request
	pulse   *pulse
	scan    func(ctx context.Context, code string) // by a phone; nil for a key
	typed   int                                    // PINs
}

// attend answers Chromium's dialogs until the page has an outcome.
func (u *user) attend(ctx context.Context) error {
	asking, settled := context.WithCancel(ctx)
	defer settled()
	outcome := make(chan error, 1)
	go func() {
		outcome <- u.tab.WaitFunc(asking, "outcome")
		settled()
	}()
	go u.withdraw(asking)
	var scanned sync.WaitGroup
	defer scanned.Wait()
	if u.scan != nil {
		scanned.Go(func() {
			if code, err := u.tab.QR(asking); err == nil { // else the page went on without
				u.scan(asking, code)
			}
		})
	}
	var last browser.Dialog
	var filled string
	news := func(d browser.Dialog) bool { return !d.Is(last) && (d.Form == "" || d.Form != filled) }
	for asking.Err() == nil {
		quiet, cancel := u.pulse.untilQuiet(asking, patience[u.link])
		seen, err := u.tab.Dialog(quiet, news)
		cancel()
		switch {
		case asking.Err() != nil:
		case err != nil && errors.Is(context.Cause(quiet), errQuiet):
			_ = u.tab.Eval(asking, "aborter.abort()", nil) // where it fails so does waiting for the outcome
			<-asking.Done()
		case err != nil:
			return err
		default:
			if err := u.answer(asking, seen); err != nil && asking.Err() == nil {
				return err
			}
			last = seen
			if seen.Form != "" {
				filled = seen.Form
			}
		}
	}
	return <-outcome
}

// withdraw has the page take its request back when the case wants that.
func (u *user) withdraw(ctx context.Context) {
	select {
	case <-u.request.Cancel:
		_ = u.tab.Eval(ctx, "aborter.abort()", nil) // where it fails so does waiting for the outcome
	case <-ctx.Done():
	}
}

// answer does what the user does about a dialog.
func (u *user) answer(ctx context.Context, d browser.Dialog) error {
	press := func(label string) error { return u.tab.PressDialog(ctx, label) }
	labelled := func(label string) bool {
		return slices.ContainsFunc(d.Buttons, func(b string) bool { return strings.HasPrefix(b, label) })
	}
	switch {
	case d.Fields > 0:
		return u.enterPIN(ctx, d)
	case u.scan != nil && labelled("Save another way"): // Chromium has followed a hint
		return press("Save another way")
	case u.scan != nil && labelled("Use a phone or tablet"):
		return press("Use a phone or tablet")
	case d.Title == "Choose a passkey" && len(d.Buttons) > 0:
		return press(d.Buttons[0])
	case labelled("Continue"):
		return press("Continue")
	case labelled("Allow"):
		return press("Allow")
	case labelled("Close"):
		return press("Close")
	case d.Title == "Something went wrong":
		return press("Cancel")
	}
	return nil // it waits for a touch
}

// enterPIN types what the case says, once: where it is asked for again the user gives
// up.
func (u *user) enterPIN(ctx context.Context, d browser.Dialog) error {
	pin := u.request.PIN
	if d.Fields > 1 {
		pin = u.request.NewPIN
	}
	u.typed++
	if pin == "" || u.typed > 2 || u.typed > 1 && d.Fields == 1 {
		return u.tab.PressDialog(ctx, "Cancel")
	}
	if err := u.tab.FillDialog(ctx, slices.Repeat([]string{pin}, d.Fields)...); err != nil {
		return err
	}
	before, _, _ := u.pulse.count()
	return u.tab.SubmitDialog(ctx, d.Form, "Next", func(ctx context.Context) error { return u.pulse.heard(ctx, before) })
}
