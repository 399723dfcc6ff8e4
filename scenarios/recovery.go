package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var recovery = []Scenario{
	{
		ID:     "recovery/approved-by-the-old-phone",
		Story:  "A new phone signs in at the provider and cannot read anything, until its owner approves it on the old one.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			cloud := lab.Cloud("alice's account", provider.ICloud())
			old, fresh := lab.Phone("alice's old phone"), lab.Phone("alice's new phone")
			cloud.Join(old)
			lab.Site.OpenOn(old).SignUp(alice)
			cloud.JoinSealed(fresh)
			page := lab.Site.OpenOn(fresh)
			page.LogInFails("NotAllowedError")
			lab.Approves(cloud, old, fresh)
			page.LogIn(alice)
		},
	},
	{
		ID:     "recovery/start-afresh",
		Story:  "All devices are lost and so is the recovery secret: the provider can only begin anew, and a mailed link gets the account back.",
		Covers: []string{"WebAuthn L3 §6.1.3", "account reset"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.ICloud())
			lab.Site.OpenOn(phone).SignUp(alice)
			phone.Lose()
			laptop.Lose()
			fresh := lab.Phone("alice's new phone")
			cloud.JoinSealed(fresh)
			lab.StartsAfresh(cloud, fresh)
			lab.HoldsPasskeys(fresh, 0)

			page := lab.Site.OpenOn(fresh)
			page.LogInFails("NotAllowedError")
			page.AskForPasswordReset(alice)
			page.ResetPassword(lab.Site.ResetLink(alice, 1), password1)
			page.LogInWithPassword(alice, password1).AddPasskey().RemoveOldestPasskey().LogOut()
			page.LogIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventPasswordChanged, alice),
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice),
				passkeylab.On(relyingparty.EventPasskeyRemoved, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"),
			)
		},
	},
	{
		ID:     "recovery/by-password",
		Story:  "A phone whose passkeys were never synced is lost: the password gets its owner in on a borrowed laptop, where they make no passkey, and a new phone gets one.",
		Covers: []string{"WebAuthn L3 §13.4.6"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			old := lab.Phone("alice's old phone")
			lab.Site.OpenOn(old).SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			old.Lose()
			borrowed := lab.Laptop("a borrowed laptop")
			lab.Site.OpenOn(borrowed).LogInWithPassword(alice, password1).LogOut()
			lab.HoldsPasskeys(borrowed, 0)
			fresh := lab.Phone("alice's new phone")
			page := lab.Site.OpenOn(fresh)
			page.LogInWithPassword(alice, password1).AddPasskey().LogOut()
			page.LogIn(alice)
		},
	},
	{
		ID:     "recovery/the-second-key",
		Story:  "Who has registered two security keys loses one, gets in with the other, and has the lost one removed; whoever finds it is refused.",
		Covers: []string{"WebAuthn L3 §13.4.6", "WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true, Cannot: unplugging()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop := lab.Laptop("alice's laptop")
			daily, spare := lab.SecurityKey("alice's key"), lab.SecurityKey("the key in the drawer")
			page := lab.Site.OpenOn(laptop)
			laptop.Plug(daily)
			laptop.UserReachesFor(daily)
			session := page.SignUp(alice)
			laptop.Unplug(daily)
			laptop.Plug(spare)
			laptop.UserReachesFor(spare)
			session.AddPasskey()
			session.LogOut()

			session = page.LogIn(alice)
			session.RemoveOldestPasskey()
			session.LogOut()
			finders := lab.Laptop("a finder's laptop")
			finders.Plug(daily)
			finders.UserReachesFor(daily)
			lab.Site.OpenOn(finders).LogInFails("passkey-authentication-failed")
			page.LogIn(alice)
		},
	},
}
