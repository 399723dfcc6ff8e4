package relyingparty

import (
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The screen passkey-enrollment has two uses: during sign-up it offers the first
// passkey of an account to be, after a password login (progressive enrolment) one
// for an account that has none. passkey-enrollment-local offers a passkey for this
// device to somebody who logged in with another device's. The passkey itself is made
// through register.go.

func showEnrollment(v *visit) error {
	state := v.session.state()
	if !v.policy.Passkeys {
		return v.redirect(pathSignUpPassword)
	}
	switch {
	case state.userID != "":
		return withUser(func(v *visit, u store.User) error {
			signals, err := v.signalsDue(u)
			if err != nil {
				return err
			}
			return v.show(http.StatusOK, pages.View{Screen: pages.Enrollment, Variant: pages.Progressive, Email: nameOf(u), Signals: signals, Upgrade: v.takeUpgrade()})
		})(v)
	case state.newcomer.name() != "":
		return v.show(http.StatusOK, pages.View{Screen: pages.Enrollment, Variant: pages.SigningUp, Email: state.newcomer.name()})
	}
	return v.redirect(pathSignUp)
}

func showLocalEnrollment(v *visit, u store.User) error {
	signals, err := v.signalsDue(u)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.LocalEnrollment, Email: nameOf(u), Signals: signals})
}

func skipEnrollment(v *visit, u store.User) error {
	return v.snooze(func(tx *store.Tx, s store.Snooze) error { return tx.SnoozeProgressive(u.ID, s) })
}

func skipLocalEnrollment(v *visit, u store.User) error {
	return v.snooze(func(tx *store.Tx, s store.Snooze) error { return tx.SnoozeLocal(u.ID, s) })
}

// snooze stores that the user declined, and whether for good.
func (v *visit) snooze(keep func(*store.Tx, store.Snooze) error) error {
	s := store.Snooze{At: v.now, Never: v.r.PostFormValue("never") != ""}
	if err := v.site.store.Update(func(tx *store.Tx) error { return keep(tx, s) }); err != nil {
		return err
	}
	return v.redirect(v.onward())
}
