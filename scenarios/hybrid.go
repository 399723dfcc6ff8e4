package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// signedUpByPhone is somebody who has signed up at a laptop with a phone that scans
// its QR code, and has logged out again.
func signedUpByPhone(lab *passkeylab.Lab, name string) (alice string, laptop, phone *passkeylab.Device, page *passkeylab.Page) {
	alice = lab.Someone("alice")
	laptop, phone = lab.Laptop(name), lab.Phone("alice's phone")
	laptop.UserScansWith(phone)
	page = lab.Site.OpenOn(laptop)
	page.SignUp(alice).LogOut()
	return alice, laptop, phone, page
}

// vanishes is the journey of a phone that is gone in the middle of a login. The user
// finds another battery, and the next scan works.
func vanishes(at passkeylab.Moment) func(*passkeylab.Lab) {
	return func(lab *passkeylab.Lab) {
		alice, _, phone, page := signedUpByPhone(lab, "alice's laptop")
		phone.Vanishes(at)
		page.LogInFails("NotAllowedError")
		page.PressPasskeyButton(alice)
		lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventLoginFailed, alice), passkeylab.On(relyingparty.EventLoginFailed, ""))
	}
}

var phones = []Scenario{
	{
		ID:     "hybrid/sign-up",
		Story:  "At a laptop the user takes \"another device\": the phone scans the QR code, and the new passkey is on it.",
		Covers: []string{"CTAP 2.3 §11.5", "WebAuthn L3 §5.1.3", "WebAuthn L3 §5.8.4"},
		Needs:  Needs{Phones: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, phone := lab.Laptop("alice's laptop"), lab.Phone("alice's phone")
			laptop.UserScansWith(phone)
			lab.Site.OpenOn(laptop).SignUp(alice)
			lab.HoldsPasskeys(phone, 1)
			lab.HoldsPasskeys(laptop, 0)
		},
	},
	{
		ID:     "hybrid/log-in-elsewhere",
		Story:  "The passkey is on the phone; at a laptop that has none the user scans the QR code and is in.",
		Covers: []string{"CTAP 2.3 §11.5", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Phones: true},
		Run: func(lab *passkeylab.Lab) {
			alice, laptop, _, page := signedUpByPhone(lab, "a borrowed laptop")
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
			lab.HoldsPasskeys(laptop, 0)
		},
	},
	{
		ID:     "hybrid/local-enrolment",
		Story:  "After a login by phone the site offers to make a passkey on the laptop itself; the next login there needs no phone.",
		Covers: []string{"WebAuthn L3 §5.1.3", "WebAuthn L3 §5.1.7"},
		Needs:  Needs{Phones: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, phone := lab.Laptop("alice's laptop"), lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice)
			laptop.UserScansWith(phone)
			page := lab.Site.OpenOn(laptop)
			session := page.LogIn(alice)
			laptop.UserStaysHere()
			session.AddPasskey()
			lab.HoldsPasskeys(laptop, 1)
			session.LogOut()
			phone.Lose()
			page.LogIn(alice)
		},
	},
	{
		ID:     "hybrid/no-phone",
		Story:  "The QR code is shown, but the phone has been lost: nobody scans, the user gives up, and the page says so.",
		Covers: []string{"WebAuthn L3 §5.1.4"},
		Needs:  Needs{Phones: true},
		Run: func(lab *passkeylab.Lab) {
			_, laptop, phone, page := signedUpByPhone(lab, "alice's laptop")
			phone.Lose()
			laptop.UserScansWith(nil)
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "hybrid/gone-after-the-scan",
		Story:  "The phone reads the QR code, and its battery is empty before it gets to the tunnel: the user gives up, and the next scan works.",
		Covers: []string{"CTAP 2.3 §11.5", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Phones: true},
		Run:    vanishes(passkeylab.Scanned),
	},
	{
		ID:     "hybrid/gone-in-the-tunnel",
		Story:  "The phone has met the laptop in the tunnel and is gone before it has said what it is; the page says so, and the next scan works.",
		Covers: []string{"CTAP 2.3 §11.5", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Phones: true},
		Run:    vanishes(passkeylab.Connected),
	},
	{
		ID:     "hybrid/gone-when-asked",
		Story:  "Somebody snatches the phone while it asks for a finger; the page says so, nobody is logged in, and the next scan works.",
		Covers: []string{"CTAP 2.3 §11.5", "CTAP 2.3 §6.2.2 step 9", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Phones: true},
		Run:    vanishes(passkeylab.Asked),
	},
	{
		ID:     "hybrid/declined",
		Story:  "The user says no at the phone; the laptop's page says so, stays usable, and the next scan works.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 9", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Phones: true},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, page := signedUpByPhone(lab, "alice's laptop")
			phone.UserDeclines()
			page.LogInFails("NotAllowedError")
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "hybrid/wrong-phone",
		Story:  "Somebody else's phone scans the code and holds nothing for the site; the right one gets in.",
		Covers: []string{"CTAP 2.3 §6.2.2 step 7", "WebAuthn L3 §14.5.2"},
		Needs:  Needs{Phones: true},
		Run: func(lab *passkeylab.Lab) {
			alice, laptop, phone, page := signedUpByPhone(lab, "alice's laptop")
			laptop.UserScansWith(lab.Phone("bob's phone"))
			page.LogInFails("NotAllowedError")
			laptop.UserScansWith(phone)
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "hybrid/synced-to-autofill",
		Story:  "A passkey that was made on the phone by QR code is synced to a tablet, whose autofill offers it.",
		Covers: []string{"CTAP 2.3 §11.5", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Popup: true, Phones: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, phone := lab.Laptop("a borrowed laptop"), lab.Phone("alice's phone")
			laptop.UserScansWith(phone)
			lab.Site.OpenOn(laptop).SignUp(alice)
			tablet := phone.Copy("alice's tablet")
			page := lab.Site.OpenOn(tablet)
			page.AutofillOffers(alice)
			page.PickFromAutofill(alice)
		},
	},
}
