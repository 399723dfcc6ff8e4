package relyingparty

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Logging in with a password takes two screens: login-id asks for the email address
// (and offers passkeys, see passkeylogin.go), login-password for the password.
// Neither says whether there is such an account.

func showLogin(v *visit) error {
	return v.show(http.StatusOK, v.loginView(v.session.state().loginEmail))
}

func (v *visit) loginView(email string) pages.View {
	return pages.View{
		Screen:   pages.LoginID,
		Email:    email,
		LogsInBy: v.policy.Tenant.identifiers().kinds(),
		Autofill: v.policy.autofill(),
		Button:   v.policy.button(),
	}
}

func loginIdentifier(v *visit) error {
	email := strings.TrimSpace(v.r.PostFormValue("email"))
	asks := v.policy.Tenant.identifiers()
	if _, ok := asks.read(email); !ok {
		return v.showAgain(asks.invalid(email), v.loginView(printable.Line(email)))
	}
	v.session.change(func(f *flow) { f.loginEmail, f.loginStarted = email, v.now })
	return v.redirect(pathLoginPassword)
}

func showLoginPassword(v *visit) error {
	email := v.session.state().loginEmail
	if email == "" {
		return v.redirect(pathLogin)
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.LoginPassword, Email: email})
}

func loginPassword(v *visit) error {
	email := v.session.state().loginEmail
	if email == "" {
		return v.redirect(pathLogin)
	}
	password := v.r.PostFormValue("password")
	if password == "" {
		return v.showAgain(fail(problemNoPassword), pages.View{Screen: pages.LoginPassword, Email: email})
	}
	u, err := v.checkPassword(email, password)
	var p *problem
	if errors.As(err, &p) {
		return v.showAgain(p, pages.View{Screen: pages.LoginPassword, Email: email})
	}
	if err != nil {
		return err
	}
	next, err := v.passwordRight(u)
	if err != nil {
		return err
	}
	return v.redirect(next)
}

// passwordRight goes on from a right password, and says where the browser is led.
func (v *visit) passwordRight(u store.User) (string, error) {
	first := firstFactor{
		user: u, onward: (*visit).afterPassword,
		login: &Details{Prompts: []Prompt{v.prompt("login-password", "pwd", u, v.session.state().loginStarted)}},
	}
	if err := v.keepFirst(first, v.wantsSecond(first), func(*store.Tx) error { return nil }); err != nil {
		return "", err
	}
	return v.admitUser(first)
}

// checkPassword finds the account whose identifier and password these are. It takes as
// long, and answers the same, whether the account or only the password is wrong.
func (v *visit) checkPassword(email, password string) (store.User, error) {
	u, key, err := v.find(email)
	if err != nil {
		return store.User{}, err
	}
	if use := v.site.passwordErrors.take(key, v.now); !use.allowed {
		return store.User{}, v.accountLimited(email, use)
	}
	if len(password) <= maxPassword && v.site.passwords.matches(u.Password, password) {
		v.site.passwordErrors.forgive(key)
		return u, nil
	}
	p, failed, who := fail(problemWrongCredentials), EventLoginFailedUser, subject{name: email}
	if u.ID != "" {
		failed, who = EventLoginFailedPassword, subjectOf(u)
	}
	if err := v.record(failed, who, Details{Error: p.details()}); err != nil {
		return store.User{}, err
	}
	return store.User{}, p
}

// find looks for the account that somebody means, and says what its wrong passwords are
// counted by, whichever of its identifiers is used. No account is no error.
func (v *visit) find(typed string) (u store.User, key string, err error) {
	id, ok := v.policy.Tenant.identifiers().read(typed)
	if !ok {
		return u, emailKey(typed), nil // policy has changed since
	}
	u, err = v.site.store.UserBy(id.kind, id.key)
	if errors.Is(err, store.ErrNotFound) {
		return store.User{}, id.key, nil
	}
	return u, countedBy(u), err
}

// countedBy is what wrong passwords of an account are counted by.
func countedBy(u store.User) string { return cmp.Or(u.EmailKey, u.ID) }

func (v *visit) accountLimited(email string, use verdict) error {
	p := fail(problemAccountLimited)
	if use.first {
		if err := v.record(EventAccountLimited, subject{name: email}, Details{Error: p.details()}); err != nil {
			return err
		}
	}
	return p
}

// afterPassword says where a password login leads: to an offer of a passkey where the
// policy makes one and the user has none for this address, or home.
func (v *visit) afterPassword(u store.User) (string, error) {
	if err := v.upgradeAfterPassword(u); err != nil {
		return "", err
	}
	if !v.policy.Passkeys || !v.policy.ProgressiveEnrollment || v.snoozed(u.Progressive) {
		return v.onward(), nil
	}
	if may, err := v.mayEnrol(u); err != nil || !may {
		return v.onward(), err
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return "", err
	}
	if len(v.usable(keys)) > 0 {
		return v.onward(), nil
	}
	return pathEnrollment, nil
}

// snoozed reports whether a user has declined an enrolment for good or lately.
func (v *visit) snoozed(s store.Snooze) bool {
	return s.Never || !s.At.IsZero() && v.now.Sub(s.At) < v.policy.EnrollmentInterval
}
