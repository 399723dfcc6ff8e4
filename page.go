package passkeylab

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Screens of the embedded site, by the names they give themselves.
const (
	ScreenHome            = "home"
	ScreenSignUp          = "signup-id"
	ScreenSignUpPassword  = "signup-password"
	ScreenEnrollment      = "passkey-enrollment"
	ScreenLocalEnrollment = "passkey-enrollment-local"
	ScreenLogin           = "login-id"
	ScreenLoginPassword   = "login-password"
	ScreenResetEmail      = "reset-password-email"
	ScreenReset           = "reset-password"
	ScreenResetSuccess    = "reset-password-success"
	ScreenResetError      = "reset-password-error"
	ScreenAccount         = "account"
	ScreenPRFDemo         = "prf-demo"

	ScreenOTPChallenge       = "mfa-otp-challenge"
	ScreenOTPEnrollment      = "mfa-otp-enrollment-qr"
	ScreenRecoveryChallenge  = "mfa-recovery-code-challenge"
	ScreenRecoveryEnrollment = "mfa-recovery-code-enrollment"
	ScreenPlatformChallenge  = "mfa-webauthn-platform-challenge"
	ScreenRoamingChallenge   = "mfa-webauthn-roaming-challenge"
	ScreenFactorOptions      = "mfa-login-options"
)

// Paths of the embedded site that a visitor types or follows from outside.
const (
	pathSignUp  = "/u/signup/identifier"
	pathLogin   = "/u/login/identifier"
	pathReset   = "/u/reset-password/request"
	pathAccount = "/account"
)

// Page is one tab with the site in it, on one device. Its methods do what a
// person does there, and end the journey when the page does not react as it
// should. A new page starts without cookies: nobody is logged in.
type Page struct {
	lab    *Lab
	site   *Site
	device *Device
	tab    tab
	seen   view   // what the last picture shows
	guide  *guide // to a site whose pages are not ours; nil where they are
}

// OpenOn opens a new tab with the site on a device.
func (s *Site) OpenOn(d *Device) *Page {
	s.lab.t.Helper()
	s.lab.atHand("opening the site on "+d.name, d)
	p := &Page{lab: s.lab, site: s, device: d}
	s.lab.must("opening a tab on "+d.name, s.lab.within(func(ctx context.Context) (err error) {
		p.tab, err = s.lab.openTab(ctx, s, d)
		return err
	}))
	p.guide = s.lab.guided(p)
	s.lab.pages = append(s.lab.pages, p)
	s.lab.t.Cleanup(p.discard)
	return p
}

// discard closes the tab when the test has ended, in whatever state it is.
func (p *Page) discard() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.lab.t.Context()), patience)
	defer cancel()
	if err := p.tab.close(ctx); err != nil {
		p.lab.t.Logf("closing the tab on %s: %v", p.device.name, err)
	}
}

// Open goes to a path of the site, or to an absolute address.
func (p *Page) Open(address string) {
	p.lab.t.Helper()
	p.oursOnly("opens " + address)
	target, err := p.site.base.Parse(address)
	p.lab.must("opening "+address, err)
	p.do("open "+address, func(ctx context.Context) error { return p.tab.open(ctx, target.String()) })
}

// Fill types text into the field with this ID.
func (p *Page) Fill(id, text string) {
	p.lab.t.Helper()
	p.oursOnly("fills #" + id)
	p.do(fmt.Sprintf("type %q into #%s", text, id), func(ctx context.Context) error { return p.tab.fill(ctx, id, text) })
}

// Press clicks the element with this ID and waits until the page has come to
// rest.
func (p *Page) Press(id string) {
	p.lab.t.Helper()
	p.oursOnly("presses #" + id)
	if where := p.device.elsewhere; where != nil && holdsCeremony("#"+id) {
		p.lab.atHand(p.device.name+": scanning the QR code", where.phone)
	}
	p.do("press #"+id, func(ctx context.Context) error { return p.tab.press(ctx, id) })
}

// Expect checks that the page shows one of these screens and no error.
func (p *Page) Expect(screens ...string) (screen string) {
	p.lab.t.Helper()
	p.oursOnly("expects the screen " + strings.Join(screens, " or "))
	v := p.look()
	want := "screen " + strings.Join(screens, " or ")
	if !slices.Contains(screens, v.Screen) || v.Message != "" {
		p.lab.fail(want, want+" without an error", v.String())
	}
	p.step("sees "+v.Screen, p.news(v))
	return v.Screen
}

// ExpectError checks that the page shows an error of one of these keys: a key
// of the site, or the name of a browser's exception.
func (p *Page) ExpectError(keys ...string) {
	p.lab.t.Helper()
	p.oursOnly("expects the error " + strings.Join(keys, " or "))
	v := p.look()
	want := "an error " + strings.Join(keys, " or ") + " in words"
	if !slices.Contains(keys, v.Key) || v.Message == "" {
		p.lab.fail(want, want, v.String())
	}
	p.step(fmt.Sprintf("reads the error %q (%s)", v.Message, v.Key), p.news(v))
}

// Shows checks that an element is there to be seen.
func (p *Page) Shows(id string) { p.lab.t.Helper(); p.presence(id, true) }

// Lacks checks that an element is not there, or hidden.
func (p *Page) Lacks(id string) { p.lab.t.Helper(); p.presence(id, false) }

// Reads checks that the text of an element has this in it.
func (p *Page) Reads(id, text string) {
	p.lab.t.Helper()
	var got string
	p.lab.must("reading #"+id, p.lab.within(func(ctx context.Context) (err error) {
		got, err = p.tab.text(ctx, id)
		return err
	}))
	what := fmt.Sprintf("#%s says %q", id, text)
	if !strings.Contains(got, text) {
		p.lab.fail("reading #"+id, what, fmt.Sprintf("it says %q", got))
	}
	p.step(what, false)
}

func (p *Page) presence(id string, want bool) {
	p.lab.t.Helper()
	p.oursOnly("looks for #" + id)
	var got bool
	p.lab.must("looking for #"+id, p.lab.within(func(ctx context.Context) (err error) {
		got, err = p.tab.has(ctx, id)
		return err
	}))
	words := map[bool]string{true: "#" + id + " is shown", false: "#" + id + " is not shown"}
	if got != want {
		p.lab.fail("looking for #"+id, words[want], words[got])
	}
	p.step(words[want], false)
}

// news reports whether the page shows something that the last picture did not.
func (p *Page) news(v view) bool {
	changed := v != p.seen
	p.seen = v
	return changed
}

// look tells what the page shows, and ends the journey if it cannot be told.
func (p *Page) look() (v view) {
	p.lab.t.Helper()
	p.lab.must("looking at the page", p.lab.within(func(ctx context.Context) (err error) {
		v, err = p.tab.look(ctx)
		return err
	}))
	return v
}

// do carries out one step and ends the journey if it fails.
func (p *Page) do(what string, action func(ctx context.Context) error) {
	p.lab.t.Helper()
	if err := p.lab.within(action); err != nil {
		p.lab.fail(p.device.name+": "+what, "the page goes along", err.Error())
	}
	p.step(what, false)
}

// step writes down what was done, with a picture where it is worth one.
func (p *Page) step(what string, withPicture bool) {
	var photo *picture
	if withPicture && p.lab.options.pictures {
		photo = p.snap()
	}
	p.lab.record.step(p.device.name+": "+what, photo)
}

// photograph adds a picture to the record, if there is one to be had.
func (p *Page) photograph(caption string) {
	if photo := p.snap(); photo != nil {
		p.lab.record.step(p.device.name+" "+caption, photo)
	}
}

// snap takes a picture for the record. A page that cannot be photographed any
// more has failed elsewhere.
func (p *Page) snap() (photo *picture) {
	if p.lab.options.entry == nil {
		return nil // nobody will look at it
	}
	_ = p.lab.within(func(ctx context.Context) (err error) {
		photo, err = p.tab.photograph(ctx)
		return err
	})
	return photo
}

// String shows the view as failures print it.
func (v view) String() string {
	s := fmt.Sprintf("screen %s at %s", v.Screen, v.URL)
	if v.Message != "" {
		s += fmt.Sprintf(" with the error %q (%s)", v.Message, v.Key)
	}
	return s
}
