package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
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
			page.LogInWithPassword(alice, password1).AddPasskey().RemoveOldestPasskey().LogOut()
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

// These are about a phone that its owner misses, and what becomes of it.
var missing = []Scenario{
	{
		ID:     "loss/found-again",
		Story:  "A phone is lost and taken out of the account while it is offline; the site is told nothing, so it still gets in, until it is found, goes online and hears.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §13.4.6"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.Bitwarden())
			onPhone := lab.Site.OpenOn(phone)
			onPhone.SignUp(alice).LogOut()
			lab.HoldsPasskeys(laptop, 1)
			cloud.Partition(phone)
			cloud.Remove(phone)
			onPhone.LogIn(alice).LogOut()
			cloud.Heal()
			onPhone.LogInFails("NotAllowedError")
			cloud.Return(phone)
			onPhone.LogIn(alice)
		},
	},
	{
		ID:     "loss/the-site-is-told",
		Story:  "A phone is lost while it is offline: its owner removes its passkey at the site from the laptop, and whoever finds the phone is refused at once.",
		Covers: []string{"WebAuthn L3 §7.2 step 5", "WebAuthn L3 §13.4.6"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
			onPhone := lab.Site.OpenOn(phone)
			onPhone.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			page := lab.Site.OpenOn(laptop)
			session := page.LogInWithPassword(alice, password1)
			session.AddPasskey()
			session.RemoveOldestPasskey()
			onPhone.LogInFails("passkey-authentication-failed")
			session.LogOut()
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, "").With("reason", string(ceremony.ReasonUnknownCredential)))
		},
	},
	{
		ID:     "loss/reset-to-the-factory",
		Story:  "A thief resets the phone: on it all passkeys are gone, in the account they are not, and when it is found and signed in again it has them back.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.ICloud())
			onPhone := lab.Site.OpenOn(phone)
			onPhone.SignUp(alice).LogOut()
			lab.HoldsPasskeys(laptop, 1)
			cloud.Member(phone).Wipe()
			lab.HoldsPasskeys(phone, 0)
			onPhone.LogInFails("NotAllowedError")
			lab.Site.OpenOn(laptop).LogIn(alice)
			cloud.Return(phone)
			onPhone.LogIn(alice)
		},
	},
	{
		ID:     "loss/sold-with-copies",
		Story:  "Somebody signs out of a provider whose app leaves copies behind and sells the laptop: its buyer gets in, until the passkey is removed at the site.",
		Covers: []string{"WebAuthn L3 §13.4.6", "WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.KeePassXC())
			lab.Site.OpenOn(phone).SignUp(alice)
			lab.HoldsPasskeys(laptop, 1)
			cloud.Member(laptop).Leave()
			buyers := lab.Site.OpenOn(laptop)
			buyers.LogIn(alice).LogOut()
			lab.Site.DropPasskeys(alice)
			buyers.LogInFails("passkey-authentication-failed")
		},
	},
}
