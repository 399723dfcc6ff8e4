package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// faulty are journeys on a device with one fault, which the site has to notice.
var faulty = []Scenario{
	refused(fault.SignatureBitFlip, ceremony.ReasonSignature,
		"The device's signature does not fit what it signed; the site refuses the login."),
	refused(fault.OtherRPIDHash, ceremony.ReasonRPIDHash,
		"The device signs for another site; this site refuses the login."),
	refused(fault.UPMissing, ceremony.ReasonUserPresence,
		"The device does not claim that its user was present; the site refuses the login."),
	refused(fault.UVMissing, ceremony.ReasonUserVerification,
		"The device does not claim that its user was verified; the site, which asked for that, refuses the login."),
	refused(fault.CounterBackwards, ceremony.ReasonCounter,
		"The device's counter goes backwards, as a copied key's would; the site refuses the login."),
	{
		ID:     "faulty/unfit-for-sign-up",
		Story:  "A device that never verifies its user makes a passkey; the site refuses to sign the user up with it.",
		Covers: []string{"WebAuthn L3 §7.1 step 16"},
		Needs:  Needs{Embedded: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnDevice}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.BeginSignUp(alice)
			repair := phone.Misbehave(fault.UVMissing)
			page.CreatePasskeyFails("passkey-enrollment-failure")
			lab.Site.Log().Is(passkeylab.On(relyingparty.EventSignUpFailed, alice).With("reason", string(ceremony.ReasonUserVerification)))
			repair()
			page.CreatePasskey(alice)
		},
	},
	{
		ID:     "faulty/replayed-response",
		Story:  "Somebody answers a login with the response of an earlier one; the site knows that answer and refuses.",
		Covers: []string{"WebAuthn L3 §7.2 step 11", "WebAuthn L3 §13.4.3"},
		Needs:  Needs{Embedded: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnClient}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			page.LogIn(alice).LogOut()
			phone.Replay()
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventLogin, alice),
				passkeylab.On(relyingparty.EventLoginFailed, "").With("reason", string(ceremony.ReasonChallengeUsed)),
			)
		},
	},
}

// refused is the journey of a security key that breaks after a good login: the
// site refuses the next one for exactly that reason, and takes the one after
// the repair.
func refused(f fault.Fault, why ceremony.Reason, story string) Scenario {
	return Scenario{
		ID:     "faulty/" + string(why),
		Story:  story,
		Covers: []string{f.Spec},
		Needs:  Needs{Embedded: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnDevice}},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := lab.Laptop("alice's laptop"), lab.SecurityKey("alice's key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			page.LogIn(alice).LogOut()

			repair := key.Misbehave(f)
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", string(why)))
			repair()
			page.LogIn(alice)
		},
	}
}
