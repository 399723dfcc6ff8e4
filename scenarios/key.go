package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// onKeys is for journeys whose passkeys are on security keys alone.
func onKeys() Needs { return Needs{Keys: true} }

// laptopWith is a laptop, and a key in it that its user reaches for.
func laptopWith(lab *passkeylab.Lab, name string, key *passkeylab.Device) *passkeylab.Device {
	laptop := lab.Laptop(name)
	laptop.Plug(key)
	laptop.UserReachesFor(key)
	return laptop
}

var key = []Scenario{
	{
		ID:     "key/sign-up-and-in",
		Story:  "Somebody keeps their passkey on a security key: they sign up with it, log out, and log in by the button.",
		Covers: []string{"CTAP 2.3 §11.2", "CTAP 2.3 §6.1.2", "CTAP 2.3 §6.2.2", "WebAuthn L3 §5.1.4"},
		Needs:  onKeys(),
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			key := lab.SecurityKey("alice's key")
			page := lab.Site.OpenOn(laptopWith(lab, "alice's laptop", key))
			page.SignUp(alice).LogOut()
			lab.HoldsPasskeys(key, 1)
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
		},
	},
	{
		ID:     "key/roams",
		Story:  "The user takes the key out of one computer, puts it into another, and logs in there.",
		Covers: []string{"WebAuthn L3 §6.2.1", "CTAP 2.3 §11.2.9.1.3"},
		Needs:  onKeys(),
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			key := lab.SecurityKey("alice's key")
			home := laptopWith(lab, "the laptop at home", key)
			lab.Site.OpenOn(home).SignUp(alice)
			home.Unplug(key)
			lab.Site.OpenOn(laptopWith(lab, "the laptop at work", key)).LogIn(alice)
			lab.HoldsPasskeys(key, 1)
		},
	},
	{
		ID:     "key/choose-account",
		Story:  "The key holds passkeys of two people; the browser lists both, and whoever is picked gets in.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 12.2.2", "CTAP 2.3 §6.3"},
		Needs:  Needs{Keys: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumPicks}},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			laptop := laptopWith(lab, "the family laptop", lab.SecurityKey("the family key"))
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			page.SignUp(bob).LogOut()
			laptop.UserPicks(alice)
			page.LogIn(alice)
		},
	},
	{
		ID:     "key/declined",
		Story:  "The key says no, as one with a display can; the page says so, stays usable, and the next try works.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 9", "WebAuthn L3 §5.1.4"},
		Needs:  onKeys(),
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			key := lab.SecurityKey("alice's key")
			page := lab.Site.OpenOn(laptopWith(lab, "alice's laptop", key))
			page.SignUp(alice).LogOut()
			key.UserDeclines()
			page.LogInFails("NotAllowedError")
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "key/wrong-key",
		Story:  "The user plugs in the spare key, which holds nothing for the site; with the right one they get in.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 7", "WebAuthn L3 §14.5.2"},
		Needs:  Needs{Keys: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsStayIn}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			key, spare := lab.SecurityKey("alice's key"), lab.SecurityKey("the spare key")
			laptop := laptopWith(lab, "alice's laptop", key)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			laptop.Unplug(key)
			laptop.Plug(spare)
			laptop.UserReachesFor(spare)
			page.LogInFails("NotAllowedError")
			laptop.Unplug(spare)
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page.LogIn(alice)
		},
	},
}
