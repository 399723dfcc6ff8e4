package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var loss = []Scenario{
	{
		ID:     "loss/replace-a-lost-phone",
		Story:  "The phone is lost: the password gets its owner in, a new phone gets a passkey, the old one is removed, and a copy of it is refused.",
		Covers: []string{"WebAuthn L3 §13.4.6", "WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			old := lab.Phone("alice's old phone")
			page := lab.Site.OpenOn(old)
			session := page.SignUpWithPassword(alice, password1)
			session.AddPasskey()
			thiefs := old.Copy("a thief's phone")
			old.Lose()

			replacement := lab.Phone("alice's new phone")
			page = lab.Site.OpenOn(replacement)
			page.LogInFails("NotAllowedError")
			session = page.LogInWithPassword(alice, password1)
			session.AddPasskey()
			session.RemoveOldestPasskey()
			session.LogOut()
			page.LogIn(alice)

			lab.Site.OpenOn(thiefs).LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "pwd"),
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice),
				passkeylab.On(relyingparty.EventPasskeyRemoved, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"),
				passkeylab.On(relyingparty.EventLoginFailed, "").With("reason", "unknown-credential"),
			)
		},
	},
	{
		ID:     "loss/synced-passkey-survives",
		Story:  "The phone is lost, but its passkeys are synced: the owner's tablet has them, and logs in.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §5.1.4"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice)
			tablet := phone.Copy("alice's tablet")
			phone.Lose()
			page := lab.Site.OpenOn(tablet)
			page.LogIn(alice)
			lab.HoldsPasskeys(tablet, 1)
		},
	},
	{
		ID:     "loss/passkey-gone-from-the-device",
		Story:  "The user deletes the passkey on the device; the button finds nothing, and a mailed link gets the account back.",
		Covers: []string{"WebAuthn L3 §5.1.4", "account reset"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			phone.Forget(alice)
			page.LogInFails("NotAllowedError")
			page.AskForPasswordReset(alice)
			page.ResetPassword(lab.Site.ResetLink(alice, 1), password1)
			page.LogInWithPassword(alice, password1)
		},
	},
}
