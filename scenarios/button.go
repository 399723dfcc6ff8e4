package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var button = []Scenario{
	{
		ID:     "button/one-account",
		Story:  "The user presses \"Continue with a passkey\", confirms, and is in.",
		Covers: []string{"WebAuthn L3 §7.2", "CTAP 2.3 §6.2.2"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Laptop("alice's laptop"))
			page.SignUp(alice).LogOut()
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
		},
	},
	{
		ID:     "button/two-accounts",
		Story:  "Two people share a laptop; its own dialog asks which account, and each gets into theirs.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 12.2.3"},
		Needs:  Needs{Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumPicks}},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			laptop := lab.Laptop("the family laptop")
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			page.SignUp(bob).LogOut()
			laptop.UserPicks(alice)
			page.LogIn(alice).LogOut()
			laptop.UserPicks(bob)
			page.LogIn(bob)
		},
	},
	{
		ID:     "button/two-accounts-on-a-key",
		Story:  "A security key without a display holds two accounts; the browser lists both and the user chooses.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 12.2.2", "CTAP 2.3 §6.3"},
		Needs:  Needs{Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumPicks}},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			laptop, key := lab.Laptop("the family laptop"), lab.SecurityKey("the family key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			page.SignUp(bob).LogOut()
			laptop.UserPicks(alice)
			page.LogIn(alice).DeclinePasskey()
		},
	},
	{
		ID:     "button/declined",
		Story:  "The user declines the prompt; the page says so, stays usable, and the next try works.",
		Covers: []string{"WebAuthn L3 §5.1.4", "CTAP 2.3 §6.2.2 step 9"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			phone.UserDeclines()
			page.LogInFails("NotAllowedError")
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "button/verification-fails",
		Story:  "The fingerprint is not recognised, so the device gives no answer; with the right finger it does.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 6.2", "WebAuthn L3 §5.8.6"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop := lab.Laptop("alice's laptop")
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			laptop.WrongFinger(5)
			page.LogInFails("NotAllowedError")
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "button/no-passkey",
		Story:  "The user has a passkey on another device only; here the button leads to nothing and says so.",
		Covers: []string{"WebAuthn L3 §5.1.4", "WebAuthn L3 §14.5.2"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			lab.Site.OpenOn(lab.Phone("alice's phone")).SignUp(alice)
			page := lab.Site.OpenOn(lab.Laptop("an empty laptop"))
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "button/deleted-at-site",
		Story:  "The passkey was deleted at the site but is still on the device; the site refuses it in plain words.",
		Covers: []string{"WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			lab.Site.DropPasskeys(alice)
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, "").With("reason", "unknown-credential"))
		},
	},
}
