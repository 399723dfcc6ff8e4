package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
)

const proxyHearsNoSignals = "Chromium does not hand signals to an extension"

// signalsAreHeard is for journeys in which a device hears what the site says of
// passkeys.
func signalsAreHeard() map[passkeylab.Link]string {
	return map[passkeylab.Link]string{passkeylab.Proxy: proxyHearsNoSignals}
}

// providersHearSignals is for those in which a provider does.
func providersHearSignals() map[passkeylab.Link]string {
	return map[passkeylab.Link]string{passkeylab.Proxy: proxyHearsNoSignals, passkeylab.CDP: chromiumCounts}
}

var signals = []Scenario{
	{
		ID:     "signals/unknown-passkey",
		Story:  "The site has forgotten a passkey that the phone still offers; it refuses it once, tells the phone, and the phone offers it no more.",
		Covers: []string{"WebAuthn L3 §5.1.10.2"},
		Needs:  Needs{Embedded: true, Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			lab.Site.DropPasskeys(alice)
			page.LogInFails("passkey-authentication-failed")
			lab.HoldsPasskeys(phone, 0)
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "signals/refused-for-another-reason",
		Story:  "The site refuses a passkey because of its signature; that is no reason for the phone to do away with it.",
		Covers: []string{"WebAuthn L3 §5.1.10.2"},
		Needs:  Needs{Embedded: true, Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			repair := phone.Misbehave(fault.SignatureBitFlip)
			page.LogInFails("passkey-authentication-failed")
			repair()
			lab.HoldsPasskeys(phone, 1)
			page.LogIn(alice)
		},
	},
	{
		ID:     "signals/removed-on-the-account-page",
		Story:  "The user removes a passkey on the account page; it goes from the phone as well, and those of others stay.",
		Covers: []string{"WebAuthn L3 §5.1.10.3"},
		Needs:  Needs{Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			phone := lab.Phone("the family's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(bob).LogOut()
			session := page.SignUp(alice)
			lab.HoldsPasskeys(phone, 2)
			session.RemoveOldestPasskey()
			lab.HoldsPasskeys(phone, 1)
			session.LogOut()
			page.LogIn(bob)
		},
	},
	{
		ID:     "signals/removed-from-elsewhere",
		Story:  "The user removes the phone's passkey at the laptop; the phone hears of it at the next login there, with the password.",
		Covers: []string{"WebAuthn L3 §5.1.10.3"},
		Needs:  Needs{Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
			onPhone := lab.Site.OpenOn(phone)
			onPhone.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			atLaptop := lab.Site.OpenOn(laptop).LogInWithPassword(alice, password1)
			atLaptop.AddPasskey()
			atLaptop.RemoveOldestPasskey()
			lab.HoldsPasskeys(phone, 1)
			lab.HoldsPasskeys(laptop, 1)
			onPhone.LogInWithPassword(alice, password1)
			lab.HoldsPasskeys(phone, 0)
		},
	},
	{
		ID:     "signals/renamed-user",
		Story:  "The user gets another name at the site; from the next login on the phone shows it beside the passkey.",
		Covers: []string{"WebAuthn L3 §5.1.10.4"},
		Needs:  Needs{Embedded: true, Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			lab.CallsItsUser(phone, alice, alice)
			lab.Site.Rename(alice, "Alice Cooper")
			page.LogIn(alice).LogOut()
			lab.CallsItsUser(phone, alice, "Alice Cooper")
			page.LogIn(alice)
		},
	},
	{
		ID:     "signals/keys-hear-nothing",
		Story:  "The user removes a security key's passkey on the account page; the key keeps it, and the site refuses it.",
		Covers: []string{"WebAuthn L3 §5.1.10"},
		Needs:  Needs{Cannot: signalsAreHeard()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := lab.Laptop("alice's laptop"), lab.SecurityKey("alice's key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			session := page.SignUp(alice)
			session.RemoveOldestPasskey()
			session.LogOut()
			page.LogInFails("passkey-authentication-failed")
			lab.HoldsPasskeys(key, 1)
		},
	},
	{
		ID:     "signals/policy-says-nothing",
		Story:  "Policy has the site keep quiet: a passkey that it has forgotten stays on the phone and is refused again.",
		Covers: []string{"WebAuthn L3 §5.1.10"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Signals = false })
			page := lab.Site.OpenOn(phone)
			session := page.SignUp(alice)
			session.RemoveOldestPasskey()
			lab.HoldsPasskeys(phone, 1)
			session.LogOut()
			for range 2 {
				page.LogInFails("passkey-authentication-failed")
				lab.HoldsPasskeys(phone, 1)
			}
		},
	},
	{
		ID:     "signals/from-device-to-device",
		Story:  "A passkey removed on the phone's account page is hidden by the provider, on the laptop too once that has heard.",
		Covers: []string{"WebAuthn L3 §5.1.10.3", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: providersHearSignals()},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.ICloud())
			session := lab.Site.OpenOn(phone).SignUp(alice)
			lab.HoldsPasskeys(laptop, 1)
			cloud.Partition(laptop)
			session.RemoveOldestPasskey()
			lab.HidesPasskeys(phone, 1)
			page := lab.Site.OpenOn(laptop)
			lab.HoldsPasskeys(laptop, 1)
			cloud.Heal()
			lab.HoldsPasskeys(laptop, 0)
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "signals/a-provider-that-does-not-listen",
		Story:  "The provider takes no notice of signals: the passkey stays on every device, and the site goes on refusing it.",
		Covers: []string{"WebAuthn L3 §5.1.10"},
		Needs:  Needs{Cannot: providersHearSignals()},
		Run: func(lab *passkeylab.Lab) {
			deaf := provider.ICloud()
			deaf.ID, deaf.Name, deaf.Signals = "", "a provider that does not listen", provider.Signals{}
			alice, _, phone, laptop := sharing(lab, deaf)
			page := lab.Site.OpenOn(phone)
			session := page.SignUp(alice)
			session.RemoveOldestPasskey()
			session.LogOut()
			lab.HoldsPasskeys(phone, 1)
			lab.HoldsPasskeys(laptop, 1)
			page.LogInFails("passkey-authentication-failed")
			page.LogInFails("passkey-authentication-failed")
		},
	},
}
