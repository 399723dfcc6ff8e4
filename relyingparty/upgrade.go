package relyingparty

import (
	"regexp"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Automatic upgrade: the page after a login with a password asks for a passkey without
// a word to the user (conditional create(), WebAuthn L3 §5.1.3). Browsers and providers
// go along only where the user has agreed before. It is no replacement for progressive
// enrolment, which asks the user.

const mediationConditional = "conditional"

// upgradeAfterPassword has the next page ask for a passkey in silence, where policy has
// it, the account has room, and the user has not declined one lately or for good: what
// they did not want they shall not get behind their back.
func (v *visit) upgradeAfterPassword(u store.User) error {
	if !v.policy.Passkeys || !v.policy.Upgrade || v.snoozed(u.Progressive) {
		return nil
	}
	if may, err := v.mayEnrol(u); err != nil || !may {
		return err
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil || len(keys) >= v.policy.MaxPasskeys {
		return err
	}
	v.session.change(func(f *flow) {
		f.upgradeDue, f.upgradeUntil = true, v.now.Add(v.policy.ChallengeLifetime)
	})
	return nil
}

// takeUpgrade reports whether the page is to ask for a passkey in silence. Only one is.
func (v *visit) takeUpgrade() bool {
	due := v.session.state().upgradeDue
	v.session.change(func(f *flow) { f.upgradeDue = false })
	return due
}

// allowUpgrade refuses a passkey in silence but for somebody who has just logged in
// with a password: nowhere else may a user be absent when a passkey is made.
func (v *visit) allowUpgrade(asked *registration) error {
	if asked.userID == "" || !v.policy.Upgrade || v.now.After(v.session.state().upgradeUntil) {
		return fail(problemUpgradeOff)
	}
	return nil
}

// exceptionName is the form of names of exceptions, which pages report.
var exceptionName = regexp.MustCompile(`^[A-Za-z]{1,40}$`)

// upgradeAbandoned logs that a browser has made no passkey in silence, which the user
// does not notice.
func (v *visit) upgradeAbandoned(asked *registration, exception string) error {
	if !exceptionName.MatchString(exception) {
		exception = "Error"
	}
	return v.record(EventPasskeyEnrollmentFailed, subject{asked.userID, asked.email}, Details{
		AuthenticationMethods: []string{"passkey"},
		Mediation:             mediationConditional,
		Error:                 &ErrorDetails{Message: "The browser made no passkey.", Code: exception},
	})
}
