package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var autofill = []Scenario{
	{
		ID:     "autofill/one-account",
		Story:  "The browser offers the one passkey of this site in the email field; picking it logs in.",
		Covers: []string{"WebAuthn L3 §5.1.4 #GetAssn-ConditionalMediation-Interact-FormControl"},
		Needs:  Needs{Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			page.AutofillOffers(alice)
			page.PickFromAutofill(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
		},
	},
	{
		ID:     "autofill/second-of-two",
		Story:  "Two people share a phone; the browser offers exactly their two passkeys, and the second one picked logs that person in.",
		Covers: []string{"WebAuthn L3 §5.1.4 #GetAssn-ConditionalMediation-Interact-FormControl", "CTAP 2.3 §6.2.2 step 12"},
		Needs:  Needs{Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			page := lab.Site.OpenOn(lab.Phone("the family phone"))
			page.SignUp(alice).LogOut()
			page.SignUp(bob).LogOut()
			page.AutofillOffers(alice, bob)
			page.PickFromAutofill(bob)
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventLogin, alice))
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, bob))
		},
	},
	{
		ID:     "autofill/no-passkey",
		Story:  "On a phone without passkeys the email field offers none, and the password still gets the user in.",
		Covers: []string{"WebAuthn L3 §5.1.4"},
		Needs:  Needs{Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUpWithPassword(alice, password1).LogOut()
			page.AutofillOffers()
			page.LogInWithPassword(alice, password1).DeclinePasskey()
		},
	},
	{
		ID:     "autofill/button-meanwhile",
		Story:  "While autofill waits, the user presses the button instead; the waiting request steps back and the button logs in.",
		Covers: []string{"WebAuthn L3 §5.1.4", "WebAuthn L3 §5.6"},
		Needs:  Needs{Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			page.BeginLogin()
			page.WaitsForAutofill(true)
			page.PressPasskeyButton(alice)
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventLoginFailed, alice), passkeylab.On(relyingparty.EventLoginFailed, ""))
		},
	},
	{
		ID:     "autofill/after-a-declined-button",
		Story:  "The user presses the button, declines, and then picks the passkey from autofill after all.",
		Covers: []string{"WebAuthn L3 §5.1.4"},
		Needs:  Needs{Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			page.BeginLogin()
			phone.UserDeclines()
			page.Press("passkey-button")
			page.ExpectError("NotAllowedError")
			page.PickFromAutofill(alice)
		},
	},
	{
		ID:     "autofill/deleted-at-site",
		Story:  "The site has deleted the passkey that autofill offers; picking it is refused in plain words.",
		Covers: []string{"WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true, Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			lab.Site.DropPasskeys(alice)
			page.AutofillOffers(alice)
			page.PickFromAutofillFails(alice, "passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, "").With("reason", "unknown-credential"))
		},
	},
}
