package passkeylab

import (
	"context"
	"encoding/base32"
	"regexp"
	"strings"

	"github.com/passkeylab/passkeylab/internal/totp"
)

// Second factors, where the site's policy asks for one.

// AuthenticatorApp shows one-time codes for one account (RFC 6238).
type AuthenticatorApp struct {
	lab    *Lab
	secret []byte
}

// Code is the code of the moment. The site takes each once: the next one is there after
// half a minute, see [Lab.Wait].
func (a *AuthenticatorApp) Code() string {
	return totp.Code(a.secret, totp.Step(a.lab.clock.Now()))
}

// wrongCode is none of those that the site would take.
func (a *AuthenticatorApp) wrongCode() string {
	now := totp.Step(a.lab.clock.Now())
	code := totp.Code(a.secret, now+10)
	for step := now - 1; step <= now+1; step++ {
		if totp.Code(a.secret, step) == code {
			return totp.Code(a.secret, now+11)
		}
	}
	return code
}

// base32Text is a key as pages show it for typing.
var base32Text = regexp.MustCompile(`^[A-Z2-7 ]+$`)

// EnrolApp enrols an authenticator app on the screen that asks for one, by the key that it
// shows for typing, notes the recovery code that comes with it, and goes on. It returns
// both.
func (p *Page) EnrolApp() (app *AuthenticatorApp, recoveryCode string) {
	p.lab.t.Helper()
	p.Expect(ScreenOTPEnrollment)
	p.Press("trouble-scanning")
	shown := p.read("secret")
	if !base32Text.MatchString(shown) {
		p.lab.fail("reading the key of the app", "letters and digits of base32", shown)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(shown, " ", ""))
	p.lab.must("reading the key of the app", err)
	app = &AuthenticatorApp{p.lab, secret}
	p.EnterCode(app.Code())
	return app, p.NoteRecoveryCode()
}

// EnterCode gives a code, of an app or a recovery code, on the screen that asks for it.
func (p *Page) EnterCode(code string) {
	p.lab.t.Helper()
	p.Fill("code", code)
	p.Press("continue")
}

// EnterWrongCode gives a code of the app that is not of this time.
func (p *Page) EnterWrongCode(app *AuthenticatorApp) {
	p.lab.t.Helper()
	p.EnterCode(app.wrongCode())
	p.ExpectError("invalid-code")
}

// NoteRecoveryCode reads the recovery code that the page shows, and says that it is noted.
func (p *Page) NoteRecoveryCode() string {
	p.lab.t.Helper()
	p.Expect(ScreenRecoveryEnrollment)
	code := p.read("recovery-code")
	p.Press("recorded")
	p.Press("continue")
	return code
}

// GotIn checks that the login is complete, as email.
func (p *Page) GotIn(email string) *Session {
	p.lab.t.Helper()
	p.Expect(ScreenHome, ScreenEnrollment, ScreenLocalEnrollment)
	return p.session(email)
}

// read is the text of an element.
func (p *Page) read(id string) (text string) {
	p.lab.t.Helper()
	p.oursOnly("reads #" + id)
	p.lab.must("reading #"+id, p.lab.within(func(ctx context.Context) (err error) {
		text, err = p.tab.text(ctx, id)
		return err
	}))
	return strings.TrimSpace(text)
}
