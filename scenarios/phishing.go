package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// lookAlike is a host that a hurried reader takes for the site's.
const lookAlike = "auth-acme.test"

var phishing = []Scenario{
	{
		ID:     "phishing/the-browser-refuses",
		Story:  "A look-alike site hands everything on to the real one; the browser gives it no answer for the real site's passkey.",
		Covers: []string{"WebAuthn L3 §5.1.4 #GetAssn-DetermineRpId", "WebAuthn L3 §13.4.9"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice)
			lab.Site.LookAlike(lookAlike).OpenOn(phone).LogInFails("SecurityError")
			lab.Site.Log().Is(passkeylab.On(relyingparty.EventSignUp, alice))
		},
	},
	{
		ID:     "phishing/a-browser-that-cheats",
		Story:  "The look-alike site meets a browser that lets any site use any passkey; the real site sees where the passkey was used and refuses.",
		Covers: []string{"WebAuthn L3 §7.2 step 12", "WebAuthn L3 §13.4.9"},
		Needs: Needs{Embedded: true, Cannot: map[passkeylab.Link]string{
			passkeylab.Proxy: chromiumChecksFirst, passkeylab.CDP: chromiumsOwnClient,
		}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice)
			phone.Cheat(client.IgnoreRPIDRules())
			lab.Site.LookAlike(lookAlike).OpenOn(phone).LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", "wrong-origin"))
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventLogin, alice))
		},
	},
	{
		ID:     "phishing/a-lie-about-the-origin",
		Story:  "A browser writes another origin than the page's into what the passkey signs; the site goes by what was signed and refuses.",
		Covers: []string{"WebAuthn L3 §7.2 step 12"},
		Needs:  Needs{Embedded: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnClient}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			phone.Cheat(client.ClaimOrigin("https://" + lookAlike))
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", "wrong-origin"))
		},
	},
	{
		ID:     "phishing/a-password-is-not-safe",
		Story:  "What a passkey prevents: at the same look-alike site a password gets the attacker in.",
		Covers: []string{"WebAuthn L3 §13.4.9"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUpWithPassword(alice, password1)
			lab.Site.LookAlike(lookAlike).OpenOn(phone).LogInWithPassword(alice, password1)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "pwd"))
		},
	},
}
