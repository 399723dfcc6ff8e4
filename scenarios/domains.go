package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// otherDomain is the second name of the site, which shares no suffix with the first.
const otherDomain = "bmce.test"

var domains = []Scenario{
	{
		ID:     "domains/each-by-itself",
		Story:  "A site has two names; a passkey of one is no use at the other, so the user makes one there, too, and each logs in where it was made.",
		Covers: []string{"WebAuthn L3 §5.1.3 step 8", "multiple custom domains"},
		Needs:  Needs{Embedded: true, Domain: otherDomain},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			here, there := lab.Site.OpenOn(phone), lab.Site.At(otherDomain).OpenOn(phone)
			here.SignUpWithPassword(alice, password1).AddPasskey()
			there.BeginLogin()
			there.Press("passkey-button")
			there.ExpectError("NotAllowedError")
			session := there.LogInWithPassword(alice, password1)
			session.AcceptPasskey()
			lab.HoldsPasskeys(phone, 2)
			session.LogOut()
			there.LogIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice),
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
		},
	},
	{
		ID:     "domains/a-new-rp-id",
		Story:  "The site changes its RP ID; the passkey cannot be used any more, the password still can, and a new passkey is offered.",
		Covers: []string{"WebAuthn L3 §5.1.4 step 7", "relying_party_identifier"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			lab.Site.SetRPID("acme.test")
			page.LogInFails("NotAllowedError")
			page.LogInWithPassword(alice, password1).AcceptPasskey().RemoveOldestPasskey().LogOut()
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyRemoved, alice), passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
		},
	},
}
