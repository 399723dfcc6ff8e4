package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

var policy = []Scenario{
	{
		ID:     "policy/autofill",
		Story:  "The site asks by autofill only: there is no button, and a passkey request waits behind the email field.",
		Covers: []string{"WebAuthn L3 §5.1.4"},
		Needs:  Needs{Embedded: true, Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			challengeUI(lab, relyingparty.ChallengeAutofill)
			page.BeginLogin()
			page.Lacks("passkey-button")
			page.WaitsForAutofill(true)
			page.PickFromAutofill(alice)
		},
	},
	{
		ID:     "policy/button",
		Story:  "The site asks by button only: no request waits behind the email field, and the button logs in.",
		Covers: []string{"WebAuthn L3 §5.1.4"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			challengeUI(lab, relyingparty.ChallengeButton)
			page.BeginLogin()
			page.Shows("passkey-button")
			page.WaitsForAutofill(false)
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "policy/both",
		Story:  "The site asks both ways: the button is there, a request waits as well, and either logs in.",
		Covers: []string{"WebAuthn L3 §5.1.4"},
		Needs:  Needs{Embedded: true, Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			challengeUI(lab, relyingparty.ChallengeBoth)
			page.BeginLogin()
			page.Shows("passkey-button")
			page.WaitsForAutofill(true)
			page.PickFromAutofill(alice).LogOut()
			page.LogIn(alice)
		},
	},
}

func challengeUI(lab *passkeylab.Lab, ui relyingparty.ChallengeUI) {
	lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.ChallengeUI = ui })
	lab.Note("the site's policy challenge_ui is now %s", ui)
}
