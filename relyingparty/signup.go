package relyingparty

import (
	"errors"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Signing up takes three screens: signup-id asks for the email address,
// passkey-enrollment offers a passkey, and who declines it gets to signup-password.
// An account exists from the moment it has a passkey or a password, not before. Only
// then, too, is it said that an email address is taken.

func showSignUp(v *visit) error {
	return v.show(http.StatusOK, pages.View{Screen: pages.SignUpID, Email: v.session.state().signUpEmail})
}

func signUpIdentifier(v *visit) error {
	email := strings.TrimSpace(v.r.PostFormValue("email"))
	if p := checkEmail(email); p != nil {
		return v.showAgain(p, pages.View{Screen: pages.SignUpID, Email: clean(email)})
	}
	v.session.change(func(f *flow) { f.signUpEmail = email })
	if !v.policy.Passkeys {
		return v.redirect(pathSignUpPassword)
	}
	return v.redirect(pathEnrollment)
}

func showSignUpPassword(v *visit) error {
	email := v.session.state().signUpEmail
	if email == "" {
		return v.redirect(pathSignUp)
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.SignUpPassword, Email: email})
}

func signUpPassword(v *visit) error {
	email := v.session.state().signUpEmail
	if email == "" {
		return v.redirect(pathSignUp)
	}
	err := v.createWithPassword(email, v.r.PostFormValue("password"))
	var p *problem
	if errors.As(err, &p) {
		return v.showAgain(p, pages.View{Screen: pages.SignUpPassword, Email: email})
	}
	if err != nil {
		return err
	}
	return v.redirect(v.onward())
}

// createWithPassword makes an account with a password and logs it in.
func (v *visit) createWithPassword(email, password string) error {
	switch {
	case password == "":
		return fail(problemNoPassword)
	case !acceptable(password):
		return fail(problemWeakPassword)
	}
	u, err := v.newUser(email, nil)
	if err != nil {
		return err
	}
	if u.Password, err = v.site.passwords.hash(password); err != nil {
		return err
	}
	err = v.site.store.Update(func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertUser(u),
			tx.InsertEvent(v.event(EventSignUp, subjectOf(u), Details{AuthenticationMethods: []string{"pwd"}})))
	})
	if errors.Is(err, store.ErrEmailTaken) {
		return v.signUpFailed(email, "pwd", failBecause(problemEmailInUse, err))
	}
	if err != nil {
		return err
	}
	return v.startSession(u.ID)
}

// signUpFailed logs a sign-up that came to nothing and hands the problem on.
func (v *visit) signUpFailed(email, method string, p *problem) error {
	err := v.record(EventSignUpFailed, subject{name: email}, Details{
		AuthenticationMethods: []string{method},
		Error:                 p.details(),
	})
	if err != nil {
		return err
	}
	return p
}
