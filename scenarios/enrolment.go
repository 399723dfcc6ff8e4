package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var enrolment = []Scenario{
	{
		ID:     "enrolment/after-a-password-login",
		Story:  "After a password login the site offers a passkey; the user takes it and uses it from then on.",
		Covers: []string{"WebAuthn L3 §7.1"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			page.LogInWithPassword(alice, password1).AcceptPasskey().LogOut()
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrolled, alice).With("type", "passkey"))
		},
	},
	{
		ID:     "enrolment/declined-for-a-while",
		Story:  "The user declines the offered passkey; the site does not ask again for thirty days, and then it does.",
		Covers: []string{"progressive enrolment"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			session := page.LogInWithPassword(alice, password1)
			session.DeclinePasskey()
			session.LogOut()
			page.LogInWithPassword(alice, password1)
			page.Expect(passkeylab.ScreenHome)
			session.LogOut()
			lab.Wait(relyingparty.DefaultPolicy().EnrollmentInterval)
			page.LogInWithPassword(alice, password1).DeclinePasskey()
		},
	},
	{
		ID:     "enrolment/already-on-this-device",
		Story:  "The user asks for a second passkey on the same device; the device knows it has one, and the site says so.",
		Covers: []string{"CTAP 2.3 §6.1.2 step 12", "WebAuthn L3 §5.1.3"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).AddPasskeyFails("InvalidStateError")
			lab.HoldsPasskeys(phone, 1)
		},
	},
	{
		ID:     "enrolment/on-this-device",
		Story:  "After a login with a security key the site offers a passkey for the laptop; the next login needs no key.",
		Covers: []string{"WebAuthn L3 §5.4.5"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := lab.Laptop("alice's laptop"), lab.SecurityKey("alice's key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			session := page.LogIn(alice)
			laptop.UserReachesFor(nil)
			session.AcceptPasskey()
			session.LogOut()
			laptop.Unplug(key)
			page.LogIn(alice)
			lab.HoldsPasskeys(laptop, 1)
		},
	},
}
