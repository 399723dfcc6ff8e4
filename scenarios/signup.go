package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// Passwords that follow the site's rules.
const (
	password1 = "Correct horse 1"
	password2 = "Battery staple 2"
)

var signUp = []Scenario{
	{
		ID:     "sign-up/passkey",
		Story:  "Somebody gives an email address, creates a passkey, and is in.",
		Covers: []string{"WebAuthn L3 §7.1", "CTAP 2.3 §6.1.2"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			page.LogIn(alice)
			lab.Site.Log().Is(
				passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "passkey"),
				passkeylab.On(relyingparty.EventLogout, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"),
			)
		},
	},
	{
		ID:     "sign-up/password",
		Story:  "Somebody continues without passkeys, chooses a password, and is in; no passkey is made.",
		Covers: []string{"WebAuthn L3 §7.1"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUpWithPassword(alice, password1)
			lab.HoldsPasskeys(phone, 0)
			lab.Site.Log().Is(passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "pwd"))
		},
	},
	{
		ID:     "sign-up/cancel-then-retry",
		Story:  "The user cancels the passkey prompt, reads that nothing happened, tries again, and is in with one passkey.",
		Covers: []string{"WebAuthn L3 §5.1.3", "CTAP 2.3 §6.1.2 step 14"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.BeginSignUp(alice)
			phone.UserDeclines()
			page.CreatePasskeyFails("NotAllowedError")
			page.CreatePasskey(alice)
			lab.HoldsPasskeys(phone, 1)
			lab.Site.Log().Is(passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "passkey"))
		},
	},
	{
		ID:     "sign-up/cancel-then-password",
		Story:  "The user cancels the passkey prompt and continues with a password instead.",
		Covers: []string{"WebAuthn L3 §5.1.3"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.BeginSignUp(alice)
			phone.UserDeclines()
			page.CreatePasskeyFails("NotAllowedError")
			page.SignUpWithPassword(alice, password1)
			lab.HoldsPasskeys(phone, 0)
		},
	},
	{
		ID:     "sign-up/email-taken",
		Story:  "Somebody signs up with an email address that has an account already; no passkey is made and the owner's still works.",
		Covers: []string{"WebAuthn L3 §7.1"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			owners := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(owners)
			page.SignUp(alice).LogOut()

			strangers := lab.Phone("a stranger's phone")
			stranger := lab.Site.OpenOn(strangers)
			stranger.BeginSignUp(alice)
			stranger.CreatePasskeyFails("email-in-use")
			lab.HoldsPasskeys(strangers, 0)

			page.LogIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventSignUpFailed, alice).With("code", "email-in-use"),
				passkeylab.On(relyingparty.EventLogin, alice),
			)
		},
	},
	{
		ID:     "sign-up/security-key",
		Story:  "Somebody signs up and logs in with a security key plugged into a laptop, and the laptop itself stays without a passkey.",
		Covers: []string{"WebAuthn L3 §5.1.3", "CTAP 2.3 §6.1.2 step 17"},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := lab.Laptop("alice's laptop"), lab.SecurityKey("alice's key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			lab.HoldsPasskeys(key, 1)
			lab.HoldsPasskeys(laptop, 0)
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("authenticator_attachment", "cross-platform"))
		},
	},
}
