package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// flexible has people called by an email address, a phone number, a username, or several.
func flexible(lab *passkeylab.Lab) {
	optional := relyingparty.Attribute{Identifier: true, SignUp: relyingparty.SignUpOptional}
	lab.Site.SetPolicy(func(p *relyingparty.Policy) {
		p.Tenant.FlexibleIdentifiers = true
		p.Tenant.Identifiers = relyingparty.Identifiers{Email: optional, Phone: optional, Username: optional}
	})
}

// onMoreThanOneName is for journeys whose users are called otherwise than by an email
// address.
func onMoreThanOneName() Needs { return Needs{Embedded: true} }

var identifiers = []Scenario{
	{
		ID:     "identifier/phone-number",
		Story:  "Somebody signs up with a phone number and a passkey, and logs in by it.",
		Covers: []string{"flexible identifiers", "WebAuthn L3 §5.4.3"},
		Needs:  onMoreThanOneName(),
		Run: func(lab *passkeylab.Lab) {
			const number = "+49151234567"
			flexible(lab)
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.Open("/u/signup/identifier")
			page.Fill("phone-number", "+49 (151) 234-567")
			page.Press("continue")
			page.CreatePasskey(number).LogOut()
			page.LogIn(number)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUp, number), passkeylab.On(relyingparty.EventLogin, number).With("performed_amr", "phr"))
		},
	},
	{
		ID:     "identifier/username-alone",
		Story:  "Somebody signs up with a username alone: there is a password for it, and no passkey is offered, then or later.",
		Covers: []string{"flexible identifiers", "no passkey for a username"},
		Needs:  onMoreThanOneName(),
		Run: func(lab *passkeylab.Lab) {
			flexible(lab)
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.Open("/u/signup/identifier")
			page.Fill("username", "alice_1")
			page.Press("continue")
			page.Expect(passkeylab.ScreenSignUpPassword)
			page.Fill("new-password", password1)
			page.Press("continue")
			page.Expect(passkeylab.ScreenHome)
			page.Press("logout")
			page.EnterPassword("ALICE_1", password1)
			page.Expect(passkeylab.ScreenHome)
			page.Open("/account")
			page.Lacks("create-passkey")
		},
	},
	{
		ID:     "identifier/either-name",
		Story:  "Somebody who has an email address and a username logs in by either with the password, and by the passkey with neither.",
		Covers: []string{"flexible identifiers", "WebAuthn L3 §7.2 step 6"},
		Needs:  onMoreThanOneName(),
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			flexible(lab)
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.Open("/u/signup/identifier")
			page.Fill("email", alice)
			page.Fill("username", "alice_1")
			page.Press("continue")
			page.Expect(passkeylab.ScreenEnrollment)
			page.Press("continue-without-passkey")
			page.Fill("new-password", password1)
			page.Press("continue")
			page.Expect(passkeylab.ScreenHome)
			page.Press("logout")
			page.EnterPassword("alice_1", password1)
			page.Expect(passkeylab.ScreenEnrollment)
			page.CreatePasskey(alice).LogOut()
			page.LogIn(alice)
		},
	},
	{
		ID:     "identifier/no-more-passkeys",
		Story:  "An account has as many passkeys as policy lets it have: the account page offers no other, until one is removed.",
		Covers: []string{"passkey-enrollment-max-allowed-reached"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			session := page.SignUpWithPassword(alice, password1)
			session.AddPasskey()
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.MaxPasskeys = 1 })
			page.Open("/account")
			page.Lacks("create-passkey")
			session.RemoveOldestPasskey()
			page.Open("/account")
			page.Shows("create-passkey")
		},
	},
}
