package relyingparty

import (
	"errors"
	"net/http"
	"strings"

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
		Autofill: v.policy.autofill(),
		Button:   v.policy.button(),
	}
}

func loginIdentifier(v *visit) error {
	email := strings.TrimSpace(v.r.PostFormValue("email"))
	if p := checkEmail(email); p != nil {
		return v.showAgain(p, v.loginView(clean(email)))
	}
	v.session.change(func(f *flow) { f.loginEmail = email })
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
	if err := v.site.store.Update(func(tx *store.Tx) error {
		return errors.Join(
			tx.CountLogin(u.ID),
			tx.InsertEvent(v.event(EventLogin, subjectOf(u), Details{
				Prompts: []Prompt{v.prompt("login-password", "pwd", u)},
			})))
	}); err != nil {
		return err
	}
	if err := v.startSession(u.ID); err != nil {
		return err
	}
	if err := v.upgradeAfterPassword(u); err != nil {
		return err
	}
	return v.afterPassword(u)
}

// checkPassword finds the account whose email and password these are. It takes as
// long, and answers the same, whether the account or only the password is wrong.
func (v *visit) checkPassword(email, password string) (store.User, error) {
	key := emailKey(email)
	if use := v.site.passwordErrors.take(key, v.now); !use.allowed {
		return store.User{}, v.accountLimited(email, use)
	}
	u, err := v.site.store.UserByEmail(key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.User{}, err
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

func (v *visit) accountLimited(email string, use verdict) error {
	p := fail(problemAccountLimited)
	if use.first {
		if err := v.record(EventAccountLimited, subject{name: email}, Details{Error: p.details()}); err != nil {
			return err
		}
	}
	return p
}

// afterPassword leads on after a password login: to an offer of a passkey where the
// policy makes one and the user has none, or home.
func (v *visit) afterPassword(u store.User) error {
	if !v.policy.Passkeys || !v.policy.ProgressiveEnrollment || v.snoozed(u.Progressive) {
		return v.redirect(v.onward())
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		return v.redirect(v.onward())
	}
	return v.redirect(pathEnrollment)
}

// snoozed reports whether a user has declined an enrolment for good or lately.
func (v *visit) snoozed(s store.Snooze) bool {
	return s.Never || !s.At.IsZero() && v.now.Sub(s.At) < v.policy.EnrollmentInterval
}
