package passkeylab

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// BeginLogin goes to the login page.
func (p *Page) BeginLogin() {
	p.lab.t.Helper()
	if p.guide != nil {
		p.guide.begin(byButton, p.guide.way.Login, "")
		return
	}
	p.Open(pathLogin)
	p.Expect(ScreenLogin)
}

// LogIn logs in by the passkey button, as email.
func (p *Page) LogIn(email string) *Session {
	p.lab.t.Helper()
	p.BeginLogin()
	return p.PressPasskeyButton(email)
}

// PressPasskeyButton presses "Continue with a passkey" on the login page and
// gets in as email.
func (p *Page) PressPasskeyButton(email string) *Session {
	p.lab.t.Helper()
	if p.guide != nil {
		return p.guide.finish(byButton, email)
	}
	p.Press("passkey-button")
	p.Expect(ScreenHome, ScreenLocalEnrollment)
	return p.session(email)
}

// LogInFails presses the passkey button on a fresh login page and checks that
// nothing comes of it but an error of one of these keys.
func (p *Page) LogInFails(keys ...string) {
	p.lab.t.Helper()
	p.BeginLogin()
	if p.guide != nil {
		p.guide.finishFails(byButton, keys)
		return
	}
	p.Press("passkey-button")
	p.ExpectError(keys...)
}

// LogInByAutofill picks email from the passkeys that the browser offers in the
// email field.
func (p *Page) LogInByAutofill(email string) *Session {
	p.lab.t.Helper()
	p.beginAutofill()
	return p.PickFromAutofill(email)
}

// AutofillOffers opens the login page and checks that autofill lists passkeys
// of exactly these accounts, in any order.
func (p *Page) AutofillOffers(emails ...string) {
	p.lab.t.Helper()
	p.beginAutofill()
	var names []string
	var photo *picture
	p.lab.must("opening the autofill list", p.lab.within(func(ctx context.Context) (err error) {
		names, photo, err = p.tab.offered(ctx)
		return err
	}))
	want := slices.Sorted(slices.Values(emails))
	got := slices.Sorted(slices.Values(names))
	what := "autofill offers " + listed(want)
	if !slices.Equal(want, got) {
		p.lab.fail(what, what, "autofill offers "+listed(got))
	}
	p.lab.record.step(p.device.name+": "+what, photo)
}

// PickFromAutofill picks email from the open autofill list and gets in.
func (p *Page) PickFromAutofill(email string) *Session {
	p.lab.t.Helper()
	if g := p.guide; g != nil {
		g.do("pick "+email+" from autofill", g.pick(email))
		return g.session(email)
	}
	p.pick(email)
	p.Expect(ScreenHome, ScreenLocalEnrollment)
	return p.session(email)
}

// PickFromAutofillFails picks email from the autofill list and checks that
// nothing comes of it but an error of one of these keys.
func (p *Page) PickFromAutofillFails(email string, keys ...string) {
	p.lab.t.Helper()
	if g := p.guide; g != nil {
		g.fails("pick "+email+" from autofill", keys, g.pick(email))
		return
	}
	p.pick(email)
	p.ExpectError(keys...)
}

// beginAutofill goes to the page whose email field offers passkeys.
func (p *Page) beginAutofill() {
	p.lab.t.Helper()
	if p.guide != nil {
		p.guide.offer()
		return
	}
	p.BeginLogin()
}

// Pick picks email from the open autofill list, whatever comes of it.
func (p *Page) Pick(email string) {
	p.lab.t.Helper()
	p.pick(email)
}

func (p *Page) pick(email string) {
	p.lab.t.Helper()
	p.do("pick "+email+" from autofill", func(ctx context.Context) error { return p.tab.pick(ctx, email) })
}

// WaitsForAutofill checks whether a passkey request waits behind the email
// field of the page.
func (p *Page) WaitsForAutofill(want bool) {
	p.lab.t.Helper()
	p.oursOnly("asks whether a request waits behind the email field")
	var got bool
	p.lab.must("looking for autofill", p.lab.within(func(ctx context.Context) (err error) {
		got, err = p.tab.waiting(ctx)
		return err
	}))
	words := map[bool]string{true: "a passkey request waits behind the email field", false: "no passkey request waits behind the email field"}
	if got != want {
		p.lab.fail("looking for autofill", words[want], words[got])
	}
	p.step(words[want], false)
}

// LogInWithPassword logs in as email. The page may then offer a passkey: see
// [Session.AcceptPasskey] and [Session.DeclinePasskey].
func (p *Page) LogInWithPassword(email, password string) *Session {
	p.lab.t.Helper()
	if g := p.guide; g != nil {
		g.do("log in with the password", g.enter("log in with a password", g.way.PasswordLogin, email, password))
		return g.session(email)
	}
	p.EnterPassword(email, password)
	p.Expect(ScreenHome, ScreenEnrollment)
	return p.session(email)
}

// LogInWithPasswordFails tries a password and checks that nothing comes of it
// but an error of one of these keys.
func (p *Page) LogInWithPasswordFails(email, password string, keys ...string) {
	p.lab.t.Helper()
	if g := p.guide; g != nil {
		g.fails("log in with a password", keys, g.enter("log in with a password", g.way.PasswordLogin, email, password))
		return
	}
	p.EnterPassword(email, password)
	p.ExpectError(keys...)
}

// EnterPassword gives email and password on the login pages, whatever comes of it.
func (p *Page) EnterPassword(email, password string) {
	p.lab.t.Helper()
	p.oursOnly("gives a password, whatever comes of it")
	p.BeginLogin()
	p.Fill("email", email)
	p.Press("continue")
	p.Expect(ScreenLoginPassword)
	p.Fill("password", password)
	p.device.fillsPassword(p.site.base.String(), email)
	p.Press("continue")
}

// AskForPasswordReset has the site mail a link to email, if it has an account.
func (p *Page) AskForPasswordReset(email string) {
	p.lab.t.Helper()
	p.Open(pathReset)
	p.Fill("email", email)
	p.Press("continue")
	p.Expect(ScreenResetEmail)
}

// ResetPassword follows a mailed link and sets a new password.
func (p *Page) ResetPassword(link, password string) {
	p.lab.t.Helper()
	p.Open(link)
	p.Expect(ScreenReset)
	p.Fill("new-password", password)
	p.Press("continue")
	p.Expect(ScreenResetSuccess)
}

// ResetLinkFails follows a mailed link and checks that it leads to an error of
// one of these keys.
func (p *Page) ResetLinkFails(link string, keys ...string) {
	p.lab.t.Helper()
	p.Open(link)
	p.ExpectError(keys...)
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("exactly %s", strings.Join(names, ", "))
}
