package relyingparty

import (
	"errors"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Signing up takes three screens: signup-id asks for the email address, or what else policy wants,
// passkey-enrollment offers a passkey, and who declines it gets to signup-password.
// An account exists from the moment it has a passkey or a password, not before. Only
// then, too, is it said that an email address is taken.

func showSignUp(v *visit) error {
	return v.show(http.StatusOK, v.signUpView(v.session.state().newcomer))
}

// signUpView shows the fields that policy asks for.
func (v *visit) signUpView(n newcomer) pages.View {
	asks := v.policy.Tenant.identifiers()
	field := func(a Attribute, value string) pages.Field {
		return pages.Field{Asked: a.asked(), Required: a.SignUp == SignUpRequired, Value: printable.Line(value)}
	}
	return pages.View{
		Screen: pages.SignUpID, EmailField: field(asks.Email, n.email),
		PhoneField: field(asks.Phone, n.profile.PhoneNumber), UsernameField: field(asks.Username, n.profile.Username),
	}
}

func signUpIdentifier(v *visit) error {
	n, p := v.readSignUp()
	if p != nil {
		return v.showAgain(p, v.signUpView(n))
	}
	v.session.change(func(f *flow) { f.newcomer = n })
	if !v.policy.Passkeys || !v.policy.Tenant.identifiers().mayHavePasskey(n) {
		return v.redirect(pathSignUpPassword)
	}
	return v.redirect(pathEnrollment)
}

// readSignUp reads the fields that were asked for.
func (v *visit) readSignUp() (n newcomer, p *problem) {
	asks := v.policy.Tenant.identifiers()
	read := func(a Attribute, name string) string {
		if !a.asked() {
			return ""
		}
		return strings.TrimSpace(v.r.PostFormValue(name))
	}
	n.email = read(asks.Email, "email")
	n.profile.PhoneNumber, n.profile.Username = read(asks.Phone, "phone_number"), read(asks.Username, "username")
	switch phone := phoneKey(n.profile.PhoneNumber); {
	case n.email != "" && !validEmail(n.email):
		return n, fail(problemInvalidEmail)
	case phone != "" && !phoneForm.MatchString(phone):
		return n, fail(problemInvalidPhone)
	case n.profile.Username != "" && !asks.validUsername(n.profile.Username):
		return n, fail(problemInvalidUsername)
	default:
		n.profile.PhoneNumber = phone
	}
	return n, asks.missing(n)
}

func showSignUpPassword(v *visit) error {
	n := v.session.state().newcomer
	if n.name() == "" {
		return v.redirect(pathSignUp)
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.SignUpPassword, Email: n.name()})
}

func signUpPassword(v *visit) error {
	n := v.session.state().newcomer
	if n.name() == "" {
		return v.redirect(pathSignUp)
	}
	next, err := v.createWithPassword(n, v.r.PostFormValue("password"))
	var p *problem
	if errors.As(err, &p) {
		return v.showAgain(p, pages.View{Screen: pages.SignUpPassword, Email: n.name()})
	}
	if err != nil {
		return err
	}
	return v.redirect(next)
}

// createWithPassword makes an account with a password and logs it in. It says where the
// browser is led.
func (v *visit) createWithPassword(n newcomer, password string) (string, error) {
	switch {
	case password == "":
		return "", fail(problemNoPassword)
	case !acceptable(password):
		return "", fail(problemWeakPassword)
	}
	u, err := v.newUser(n, nil)
	if err != nil {
		return "", err
	}
	if u.Password, err = v.site.passwords.hash(password); err != nil {
		return "", err
	}
	err = v.site.store.Update(func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertUser(u),
			tx.InsertEvent(v.event(EventSignUp, subjectOf(u), Details{AuthenticationMethods: []string{"pwd"}})))
	})
	if errors.Is(err, store.ErrEmailTaken) {
		return "", v.signUpFailed(n.name(), "pwd", failBecause(problemEmailInUse, err))
	}
	if err != nil {
		return "", err
	}
	return v.admitUser(firstFactor{user: u, onward: func(v *visit, _ store.User) (string, error) { return v.onward(), nil }})
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
