package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// chromiumTakesNoPIN is why Chromium's virtual authenticators have no part in
// these journeys.
const chromiumTakesNoPIN = "Chromium's virtual authenticator takes no PIN"

func noPIN() Needs {
	return Needs{Keys: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumTakesNoPIN}}
}

// laptopWithKey is a laptop, and a key with a PIN in it that its user reaches for.
func laptopWithKey(lab *passkeylab.Lab, pin string) (laptop, key *passkeylab.Device) {
	key = lab.SecurityKeyWithPIN("alice's key", pin)
	return laptopWith(lab, "alice's laptop", key), key
}

// signedUpByPIN is somebody who has signed up with such a key, and has logged out
// again.
func signedUpByPIN(lab *passkeylab.Lab) (alice string, laptop, key *passkeylab.Device, page *passkeylab.Page) {
	alice = lab.Someone("alice")
	laptop, key = laptopWithKey(lab, "2718")
	page = lab.Site.OpenOn(laptop)
	page.SignUp(alice).LogOut()
	lab.AskedForPIN(key, client.PINEnter)
	return alice, laptop, key, page
}

var pin = []Scenario{
	{
		ID:     "pin/sign-up-and-in",
		Story:  "The site wants its users verified; somebody with a security key that has only a PIN signs up and logs in by it.",
		Covers: []string{"CTAP 2.3 §6.5.5.7.2", "CTAP 2.3 §6.1.2 step 11", "CTAP 2.3 §6.2.2 step 6", "WebAuthn L3 §5.8.6"},
		Needs:  noPIN(),
		Run: func(lab *passkeylab.Lab) {
			alice, _, key, page := signedUpByPIN(lab)
			lab.HoldsPasskeys(key, 1)
			page.LogIn(alice)
			lab.AskedForPIN(key, client.PINEnter)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
		},
	},
	{
		ID:     "pin/wrong-then-right",
		Story:  "The user mistypes the PIN, is asked again, and gets in with the right one.",
		Covers: []string{"CTAP 2.3 §6.5.2.3", "CTAP 2.3 §6.5.5.6"},
		Needs:  noPIN(),
		Run: func(lab *passkeylab.Lab) {
			alice, _, key, page := signedUpByPIN(lab)
			key.UserEnters("0000", "0001")
			page.LogIn(alice)
			lab.AskedForPIN(key, client.PINEnter, client.PINAgain, client.PINAgain)
		},
	},
	{
		ID:     "pin/blocked-until-replugged",
		Story:  "After three wrong PINs in a row the key takes none at all, not even the right one, until it has been taken out and put back.",
		Covers: []string{"CTAP 2.3 §6.5.2.3", "CTAP 2.3 §6.5.5.2"},
		Needs:  noPIN(),
		Run: func(lab *passkeylab.Lab) {
			alice, laptop, key, page := signedUpByPIN(lab)
			key.UserEnters("0000", "0001", "0002")
			page.LogInFails("NotAllowedError")
			lab.AskedForPIN(key, client.PINEnter, client.PINAgain, client.PINAgain)
			page.LogInFails("NotAllowedError") // browsers may ask for the PIN once more, in vain
			laptop.Unplug(key)
			laptop.Plug(key)
			page.LogIn(alice)
		},
	},
	{
		ID:     "pin/set-at-sign-up",
		Story:  "Somebody signs up with a key fresh from the shop: the browser has them set a PIN, which the next login asks for.",
		Covers: []string{"CTAP 2.3 §6.5.5.5", "WebAuthn L3 §5.1.3"},
		Needs:  noPIN(),
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := laptopWithKey(lab, "")
			key.UserEnters("31", "3141")
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			lab.AskedForPIN(key, client.PINSet, client.PINSet)
			lab.HoldsPasskeys(key, 1)
			page.LogIn(alice)
			lab.AskedForPIN(key, client.PINEnter)
		},
	},
	{
		ID:     "pin/cancelled",
		Story:  "The user cancels the dialog for the PIN; the page says so, stays usable, and the next try works.",
		Covers: []string{"WebAuthn L3 §5.1.4", "CTAP 2.3 §6.5.5.7.2"},
		Needs:  noPIN(),
		Run: func(lab *passkeylab.Lab) {
			alice, _, key, page := signedUpByPIN(lab)
			key.UserEnters("")
			page.LogInFails("NotAllowedError")
			page.PressPasskeyButton(alice)
		},
	},
}
