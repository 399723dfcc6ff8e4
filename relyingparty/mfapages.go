package relyingparty

import (
	"errors"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The screens of second factors. Which one a login gets to first is the safest that the
// account has; an account that has none gets to enrol an authenticator app. What a passkey
// as a second factor takes besides is in mfawebauthn.go.

// factorPaths are where the screen of each factor is.
var factorPaths = map[factorKind]string{
	factorPlatform: pathPlatformChallenge, factorRoaming: pathRoamingChallenge, factorOTP: pathOTPChallenge,
	factorEmail: pathEmailChallenge, factorRecoveryCode: pathRecoveryChallenge,
}

// askSecond asks a browser for a second factor, and says where it is led.
func (v *visit) askSecond(s *stepUp, u store.User) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v.session.change(func(f *flow) { f.stepUp = s })
	all, err := v.factorsOf(u, s.first.passkey)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return pathOTPEnrollment, v.enrolOTP(s, u)
	}
	return v.startFactor(s, u, all[0])
}

// startFactor asks for one of the account's factors.
func (v *visit) startFactor(s *stepUp, u store.User, f factor) (string, error) {
	to := factorPaths[f.kind]
	if f.kind == factorEmail {
		if err := v.factorAsked(s, u, detailsOf(f.authenticators[0])); err != nil {
			return "", err
		}
		return to, v.mailCode(s, u, f.authenticators[0])
	}
	return to, v.factorAsked(s, u, AuthenticatorDetails{Type: string(f.kind)})
}

// withStepUp makes a handler for a browser that waits for its second factor, and holds
// that while it runs. Others have to log in first.
func withStepUp(h func(*visit, *stepUp, store.User) error) handler {
	return func(v *visit) error {
		s := v.session.state().stepUp
		if s == nil {
			return v.noStepUp()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		u, err := v.site.store.UserByID(s.userID)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && !s.live(u, v.now):
			return v.noStepUp()
		case err != nil:
			return err
		}
		return h(v, s, u)
	}
}

func (v *visit) noStepUp() error {
	if v.kind == exchange {
		return fail(problemNoTransaction)
	}
	return v.redirect(pathLogin)
}

// withFactor makes a handler for a login whose account has a kind of factor.
func withFactor(kind factorKind, h func(*visit, *stepUp, store.User) error) handler {
	return withStepUp(func(v *visit, s *stepUp, u store.User) error {
		_, has, err := v.stepUpFactor(s, u, kind)
		if err != nil {
			return err
		}
		if !has {
			return v.redirect(pathFactorOptions)
		}
		return h(v, s, u)
	})
}

// factorView is what the screens of factors have in common.
func (v *visit) factorView(s *stepUp, u store.User, screen string) (pages.View, error) {
	view := pages.View{Screen: screen, Email: nameOf(u)}
	all, err := v.factorsOf(u, s.first.passkey)
	for _, f := range all {
		view.Factors = append(view.Factors, string(f.kind))
	}
	if s.mailed != nil {
		view.SentTo = s.mailed.to.Address
	}
	return view, err
}

// showFactor makes a handler that shows the screen of a factor.
func showFactor(screen string) func(*visit, *stepUp, store.User) error {
	return func(v *visit, s *stepUp, u store.User) error {
		view, err := v.factorView(s, u, screen)
		if err != nil {
			return err
		}
		return v.show(http.StatusOK, view)
	}
}

// factorAgain shows a screen of a factor again, with what was wrong.
func (v *visit) factorAgain(s *stepUp, u store.User, screen string, err error) error {
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	if screen == pages.OTPEnrollment && s.enrolling == nil { // another one was enrolled in between
		return v.redirect(pathFactorOptions)
	}
	view, err := v.factorView(s, u, screen)
	if err != nil {
		return err
	}
	if screen == pages.OTPEnrollment {
		if err := v.enrolmentBody(s, u, &view); err != nil {
			return err
		}
	}
	return v.showAgain(p, view)
}

// typedDigits reads a code of six digits.
func (v *visit) typedDigits() (string, error) {
	code := strings.ReplaceAll(strings.TrimSpace(v.r.PostFormValue("code")), " ", "")
	switch {
	case code == "":
		return "", fail(problemNoCode)
	case len(code) != totp.Digits || strings.Trim(code, "0123456789") != "":
		return "", fail(problemCodeFormat)
	}
	return code, nil
}

// checkDigits makes a handler of a form with such a code.
func checkDigits(screen string, verify func(*visit, *stepUp, store.User, string) (secondFactor, error)) func(*visit, *stepUp, store.User) error {
	return func(v *visit, s *stepUp, u store.User) error {
		code, err := v.typedDigits()
		if err != nil {
			return v.factorAgain(s, u, screen, err)
		}
		second, err := verify(v, s, u, code)
		if err != nil {
			return v.factorAgain(s, u, screen, err)
		}
		return v.leaveFactor(s, u, screen, second)
	}
}

func checkRecoveryCode(v *visit, s *stepUp, u store.User) error {
	code := plainRecoveryCode(v.r.PostFormValue("code"))
	switch {
	case code == "":
		return v.factorAgain(s, u, pages.RecoveryChallenge, fail(problemNoCode))
	case len(code) != recoveryCodeSize || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "":
		return v.factorAgain(s, u, pages.RecoveryChallenge, fail(problemRecoveryFormat))
	}
	second, err := v.verifyRecovery(s, u, code)
	if err != nil {
		return v.factorAgain(s, u, pages.RecoveryChallenge, err)
	}
	return v.leaveFactor(s, u, pages.RecoveryChallenge, second)
}

// leaveFactor completes a login from a form.
func (v *visit) leaveFactor(s *stepUp, u store.User, screen string, second secondFactor) error {
	next, err := v.finishStepUp(s, u, second)
	if err != nil {
		return v.factorAgain(s, u, screen, err)
	}
	return v.redirect(next)
}

// finishStepUp logs a browser in that has shown its second factor, and says where it is
// led: to a recovery code to be noted, or on.
func (v *visit) finishStepUp(s *stepUp, u store.User, second secondFactor) (string, error) {
	if err := v.passFactor(s, u, second); err != nil {
		return "", err
	}
	if err := v.startSession(u.ID); err != nil {
		return "", err
	}
	v.session.change(func(f *flow) {
		f.multiFactor = true
		if !s.first.since.IsZero() {
			f.authenticated = s.first.since
		}
	})
	next, err := s.first.onward(v, u)
	if err != nil || second.recovery == "" {
		return next, err
	}
	v.session.change(func(f *flow) { f.recoveryCode, f.afterNote = second.recovery, next })
	return pathRecoveryEnrollment, nil
}

// withEnrolment makes a handler for a login whose account has no factor yet.
func withEnrolment(h func(*visit, *stepUp, store.User) error) handler {
	return withStepUp(func(v *visit, s *stepUp, u store.User) error {
		if s.enrolling == nil {
			return v.redirect(pathFactorOptions)
		}
		return h(v, s, u)
	})
}

func showOTPEnrollment(v *visit, s *stepUp, u store.User) error {
	view, err := v.factorView(s, u, pages.OTPEnrollment)
	if err != nil {
		return err
	}
	if err := v.enrolmentBody(s, u, &view); err != nil {
		return err
	}
	return v.show(http.StatusOK, view)
}

// enrolmentBody shows the secret of the app that is being enrolled.
func (v *visit) enrolmentBody(s *stepUp, u store.User, view *pages.View) (err error) {
	view.Secret = totp.Text(s.enrolling.Secret)
	view.QR, err = pages.NewQR(totp.URI(v.site.config.Company, nameOf(u), s.enrolling.Secret))
	return err
}

// showFactorOptions lists the account's factors; where it has none, one is enrolled.
func showFactorOptions(v *visit, s *stepUp, u store.User) error {
	view, err := v.factorView(s, u, pages.FactorOptions)
	switch {
	case err != nil:
		return err
	case view.Factors != nil:
		return v.show(http.StatusOK, view)
	case s.enrolling != nil:
		return v.redirect(pathOTPEnrollment)
	}
	return v.redirect(pathLogin)
}

// chooseFactor leads to another of the account's factors.
func chooseFactor(v *visit, s *stepUp, u store.User) error {
	f, has, err := v.stepUpFactor(s, u, factorKind(v.r.PostFormValue("method")))
	if err != nil {
		return err
	}
	if !has {
		return v.redirect(pathFactorOptions)
	}
	next, err := v.startFactor(s, u, f)
	if err != nil {
		return v.factorAgain(s, u, pages.FactorOptions, err)
	}
	return v.redirect(next)
}

// showRecoveryCode shows a code until its user says that it is noted.
func showRecoveryCode(v *visit, u store.User) error {
	code := v.session.state().recoveryCode
	if code == "" {
		return v.redirect(v.onward())
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.RecoveryEnrollment, Email: nameOf(u), Secret: code})
}

func confirmRecoveryCode(v *visit, u store.User) error {
	state := v.session.state()
	if state.recoveryCode == "" {
		return v.redirect(v.onward())
	}
	if v.r.PostFormValue("recorded") == "" {
		return v.showAgain(fail(problemNoConfirmation), pages.View{Screen: pages.RecoveryEnrollment, Email: nameOf(u), Secret: state.recoveryCode})
	}
	v.session.change(func(f *flow) { f.recoveryCode, f.afterNote = "", "" })
	return v.redirect(state.afterNote)
}
