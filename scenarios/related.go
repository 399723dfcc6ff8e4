package scenarios

import (
	"fmt"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// shop is a name that has nothing in common with that of the site.
const shop = "acme-shop.test"

// manyShops are names with one registrable label more than browsers take.
func manyShops() (all []string) {
	for n := 1; n <= 6; n++ {
		all = append(all, fmt.Sprintf("acme-shop-%d.test", n))
	}
	return all
}

var related = []Scenario{
	{
		ID:     "related/sign-up-here-log-in-there",
		Story:  "The user makes a passkey at the site, and logs in with it at the shop, which has another name that the site vouches for.",
		Covers: []string{"WebAuthn L3 §5.11"},
		Needs:  Needs{Embedded: true, Related: []string{shop}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice)
			atShop := lab.Site.At(shop).OpenOn(phone)
			atShop.LogIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "passkey"),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"),
			)
		},
	},
	{
		ID:     "related/sign-up-there-log-in-here",
		Story:  "The user makes the passkey at the shop; it is the site's all the same, and works there.",
		Covers: []string{"WebAuthn L3 §5.11"},
		Needs:  Needs{Embedded: true, Related: []string{shop}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.At(shop).OpenOn(phone).SignUp(alice)
			lab.HoldsPasskeys(phone, 1)
			lab.Site.OpenOn(phone).LogIn(alice)
		},
	},
	{
		ID:     "related/removed-there",
		Story:  "The user removes the passkey on the account page at the shop; the phone hears of it, and the site knows it no more.",
		Covers: []string{"WebAuthn L3 §5.11", "WebAuthn L3 §5.1.10.1"},
		Needs:  Needs{Embedded: true, Related: []string{shop}, Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			lab.Site.At(shop).OpenOn(phone).LogIn(alice).RemoveOldestPasskey()
			lab.HoldsPasskeys(phone, 0)
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "related/one-origin-too-many",
		Story:  "The site vouches for six shops of different names; browsers take five, and at the sixth there is no passkey.",
		Covers: []string{"WebAuthn L3 §5.11.1"},
		Needs:  Needs{Embedded: true, Related: manyShops()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone, shops := lab.Phone("alice's phone"), manyShops()
			lab.Site.OpenOn(phone).SignUp(alice)
			lab.Site.At(shops[4]).OpenOn(phone).LogIn(alice).LogOut()
			lab.Site.At(shops[5]).OpenOn(phone).LogInFails("SecurityError")
		},
	},
}
