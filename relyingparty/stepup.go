package relyingparty

import (
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Where policy wants a second factor, a login ends in two steps: the first factor makes a
// stepUp, and a right second factor completes it. Until then nobody is logged in.

// firstFactor is a passkey or a password that was right.
type firstFactor struct {
	user    store.User
	passkey bool
	login   *Details  // of the line of the login; nil for who has just signed up, or was logged in before
	since   time.Time // when they logged in that were logged in before; zero for now
	// onward says where a browser is led once it is logged in; nil for a program.
	onward func(*visit, store.User) (string, error)
}

// stepUp is a login that waits for its second factor. Whoever looks at a factor holds it.
type stepUp struct {
	mu             sync.Mutex
	first          *firstFactor // nil for a program that adds a factor with an access token
	userID         string
	begun, expires time.Time
	asked          time.Time // when the factor was
	over           bool      // it is complete, or void

	enrolling *store.Authenticator // to be confirmed; nil for none
	recovery  string               // code that is stored with it; "" for none
	mailed    *mailedCode          // the last one; nil for none
	webauthn  *ceremony.Login      // that was asked for last; nil for none

	app   *Application // that waits; nil for a browser
	token string       // that the program has of it
	want  want         // what it asked for
}

// maxStepUps bounds how many of programs wait at a time.
const maxStepUps = 20_000

// live reports whether a second factor would still be right for a user.
func (s *stepUp) live(u store.User, now time.Time) bool {
	return !s.over && !now.After(s.expires) && !s.begun.Before(u.SessionsEnded)
}

// wantsSecond reports whether policy asks for a second factor after this one.
func (v *visit) wantsSecond(first firstFactor) bool {
	return v.policy.SecondFactor == SecondFactorAlways && !(first.passkey && v.policy.PasskeySuffices)
}

func (v *visit) newStepUp(first firstFactor) *stepUp {
	return &stepUp{first: &first, userID: first.user.ID, begun: v.now, asked: v.now, expires: v.now.Add(v.policy.FactorLifetime)}
}

// keepFirst stores what a right first factor changes, and the login with it where no
// second one is wanted.
func (v *visit) keepFirst(first firstFactor, second bool, keep func(*store.Tx) error) error {
	return v.site.store.Update(func(tx *store.Tx) error {
		if err := keep(tx); err != nil || second {
			return err
		}
		return v.countLogin(tx, first.user, *first.login)
	})
}

// countLogin stores a login, with its log line.
func (v *visit) countLogin(tx *store.Tx, u store.User, d Details) error {
	if err := tx.CountLogin(u.ID); err != nil {
		return err
	}
	return tx.InsertEvent(v.event(EventLogin, subjectOf(u), d))
}

// admitUser goes on from a first factor that was kept: it logs the browser in, or asks for
// the second factor. It says where the browser is led.
func (v *visit) admitUser(first firstFactor) (string, error) {
	if v.wantsSecond(first) {
		return v.askSecond(v.newStepUp(first), first.user)
	}
	if err := v.startSession(first.user.ID); err != nil {
		return "", err
	}
	return first.onward(v, first.user)
}

// secondFactor is one that was right, and what has to be kept of it.
type secondFactor struct {
	authenticator AuthenticatorDetails
	keep          func(*store.Tx) error
	recovery      string // code that its user has to note now; "" for none
	enrolled      bool   // it is new
}

// acrMultiFactor is the class of a login with two factors, in tokens and in the log.
const acrMultiFactor = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"

// complete ends a login with its second factor, and logs both. store.ErrNotFound says that
// somebody else has used the factor up.
func (v *visit) complete(s *stepUp, u store.User, second secondFactor) error {
	passed := EventFactorPassed
	if second.authenticator.Type == string(factorRecoveryCode) {
		passed = EventRecoveryPassed
	}
	err := v.site.store.Update(func(tx *store.Tx) error {
		if err := second.keep(tx); err != nil {
			return err
		}
		if second.enrolled {
			if err := tx.InsertEvent(v.event(EventPasskeyEnrolled, subjectOf(u), Details{Authenticator: &second.authenticator})); err != nil {
				return err
			}
		}
		if err := tx.InsertEvent(v.event(passed, subjectOf(u), Details{Authenticator: &second.authenticator})); err != nil {
			return err
		}
		if s.first == nil || s.first.login == nil {
			return nil
		}
		login := *s.first.login
		prompt := v.prompt("mfa", "mfa", u, s.asked)
		prompt.PerformedACR = []string{acrMultiFactor}
		login.Prompts = append(slices.Clone(login.Prompts), prompt)
		return v.countLogin(tx, u, login)
	})
	if err != nil {
		return err
	}
	s.over = true
	v.site.factorErrors.forgive(u.ID)
	return nil
}
