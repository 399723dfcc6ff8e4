package scenarios

import (
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var password = []Scenario{
	{
		ID:     "password/beside-a-passkey",
		Story:  "A passkey added to an account with a password stands beside it: both get the user in.",
		Covers: []string{"WebAuthn L3 §7.1"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			page.LogInWithPassword(alice, password1).LogOut()
			page.LogIn(alice)
			lab.Site.Log().Is(
				passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "pwd"),
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice).With("type", "passkey"),
				passkeylab.On(relyingparty.EventLogout, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "pwd"),
				passkeylab.On(relyingparty.EventLogout, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"),
			)
		},
	},
	{
		ID:     "password/wrong",
		Story:  "A wrong password and an unknown address get the same answer, and the log tells them apart.",
		Needs:  Needs{Embedded: true},
		Covers: []string{"WebAuthn L3 §14.6.2"},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			page.LogInWithPasswordFails(alice, password2, "wrong-credentials")
			page.LogInWithPasswordFails(bob, password2, "wrong-credentials")
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventLoginFailedPassword, alice),
				passkeylab.On(relyingparty.EventLoginFailedUser, bob),
			)
		},
	},
	{
		ID:     "password/reset-once",
		Story:  "A mailed link sets a new password once; the second time it is refused, and the old password is dead.",
		Covers: []string{"account reset"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			page.AskForPasswordReset(alice)
			link := lab.Site.ResetLink(alice, 1)
			page.ResetPassword(link, password2)
			page.ResetLinkFails(link, "auth0-users-used-ticket")
			page.LogInWithPasswordFails(alice, password1, "wrong-credentials")
			page.LogInWithPassword(alice, password2)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventPasswordChangeRequested, alice),
				passkeylab.On(relyingparty.EventPasswordChanged, alice),
				passkeylab.On(relyingparty.EventPasswordChangeFailed, alice),
			)
		},
	},
	{
		ID:     "password/reset-expired",
		Story:  "A mailed link that lay around for too long is refused, and the old password still works.",
		Covers: []string{"account reset"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			page.AskForPasswordReset(alice)
			link := lab.Site.ResetLink(alice, 1)
			lab.Wait(25 * time.Hour)
			page.ResetLinkFails(link, "auth0-users-expired-ticket")
			page.LogInWithPassword(alice, password1)
		},
	},
	{
		ID:     "password/reset-by-passkey",
		Story:  "Where policy offers it, who follows a mailed link makes a passkey in place of a new password. The old password stays.",
		Covers: []string{"account reset"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.ResetEnrollment = true })
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			page.AskForPasswordReset(alice)
			link := lab.Site.ResetLink(alice, 1)
			page.Open(link)
			page.CreatePasskey(alice).LogOut()
			page.ResetLinkFails(link, "auth0-users-used-ticket")
			page.LogIn(alice).LogOut()
			page.LogInWithPassword(alice, password1)
		},
	},
	{
		ID:     "password/reset-keeps-passkeys",
		Story:  "Resetting the password leaves the passkey as it was.",
		Covers: []string{"account reset"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			page.AskForPasswordReset(alice)
			page.ResetPassword(lab.Site.ResetLink(alice, 1), password1)
			page.LogIn(alice).LogOut()
			page.LogInWithPassword(alice, password1)
		},
	},
}
