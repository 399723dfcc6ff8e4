package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var login = []Scenario{
	{
		ID:     "login/two-devices-two-passkeys",
		Story:  "Somebody adds a passkey of the laptop to an account that was made on the phone; either device gets them in with its own.",
		Covers: []string{"WebAuthn L3 §5.4.5", "WebAuthn L3 §7.2 step 6"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
			onPhone, onLaptop := lab.Site.OpenOn(phone), lab.Site.OpenOn(laptop)
			onPhone.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			onLaptop.LogInWithPassword(alice, password1).AddPasskey().LogOut()
			onLaptop.LogIn(alice)
			onPhone.LogIn(alice)
			lab.HoldsPasskeys(phone, 1)
			lab.HoldsPasskeys(laptop, 1)
		},
	},
	{
		ID:     "login/session-expires",
		Story:  "Nobody uses the page for longer than a session lasts: the account is closed, and the passkey opens it again.",
		Covers: []string{"sessions", "WebAuthn L3 §7.2"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice)
			lab.Wait(2 * relyingparty.DefaultPolicy().SessionLifetime)
			page.Open("/")
			page.Expect(passkeylab.ScreenHome)
			page.Lacks("user-email")
			page.LogIn(alice)
		},
	},
	{
		ID:     "login/reset-ends-sessions",
		Story:  "Somebody else is logged in with the old password; the reset by mail puts them out, and the passkey of the owner stays.",
		Covers: []string{"account reset", "sessions"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			owners := lab.Site.OpenOn(lab.Phone("alice's phone"))
			owners.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			intruders := lab.Site.OpenOn(lab.Laptop("an intruder's laptop"))
			intruders.LogInWithPassword(alice, password1)

			owners.AskForPasswordReset(alice)
			owners.ResetPassword(lab.Site.ResetLink(alice, 1), password2)
			intruders.Open("/")
			intruders.Lacks("user-email")
			intruders.LogInWithPasswordFails(alice, password1, "wrong-credentials")
			owners.LogIn(alice)
		},
	},
	{
		ID:     "login/one-after-the-other",
		Story:  "Two people use one browser one after the other, each with a key of their own; nobody gets into the other's account.",
		Covers: []string{"WebAuthn L3 §7.2 step 6", "sessions"},
		Needs:  Needs{Cannot: unplugging()},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			laptop := lab.Laptop("a laptop in the library")
			page := lab.Site.OpenOn(laptop)
			alices, bobs := lab.SecurityKey("alice's key"), lab.SecurityKey("bob's key")
			with := func(key *passkeylab.Device, do func()) {
				laptop.Plug(key)
				laptop.UserReachesFor(key)
				do()
				laptop.UserReachesFor(nil)
				laptop.Unplug(key)
			}
			with(alices, func() { page.SignUp(alice).LogOut() })
			with(bobs, func() { page.SignUp(bob).LogOut() })
			with(alices, func() { page.LogIn(alice).LogOut() })
			with(bobs, func() { page.LogIn(bob).LogOut() })
			lab.HoldsPasskeys(laptop, 0)
		},
	},
}

// unplugging is for journeys in which keys come and go while a page is open.
func unplugging() map[passkeylab.Link]string {
	return map[passkeylab.Link]string{passkeylab.CDP: chromiumsStayIn}
}
