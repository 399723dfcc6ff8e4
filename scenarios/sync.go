package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// sharing is somebody with a phone and a laptop in one account at a provider.
func sharing(lab *passkeylab.Lab, p provider.Provider) (alice string, cloud *passkeylab.Cloud, phone, laptop *passkeylab.Device) {
	alice = lab.Someone("alice")
	cloud = lab.Cloud("alice's account", p)
	phone, laptop = lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
	cloud.Join(phone, laptop)
	return alice, cloud, phone, laptop
}

var notOnCDP = map[passkeylab.Link]string{passkeylab.CDP: chromiumCounts}

var syncing = []Scenario{
	{
		ID:     "sync/on-every-device",
		Story:  "A passkey made on the phone is on the laptop too, and logs in there; deleted on the laptop, it is gone from both.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, laptop := sharing(lab, provider.ICloud())
			lab.Site.OpenOn(phone).SignUp(alice)
			page := lab.Site.OpenOn(laptop)
			page.LogIn(alice).LogOut()
			laptop.Forget(alice)
			lab.HoldsPasskeys(phone, 0)
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "sync/not-yet-there",
		Story:  "The phone is offline when the passkey is made: the laptop has none, until the phone is back.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.GooglePasswordManager())
			cloud.Partition(phone)
			lab.Site.OpenOn(phone).SignUp(alice)
			page := lab.Site.OpenOn(laptop)
			page.LogInFails("NotAllowedError")
			cloud.Heal()
			page.LogIn(alice)
		},
	},
	{
		ID:     "sync/lost-phone-erased",
		Story:  "The phone is lost and erased from afar: what was on it is gone, and the laptop goes on with the same passkey.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §13.4.6"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.ICloud())
			lab.Site.OpenOn(phone).SignUp(alice)
			phone.Lose()
			cloud.Erase(phone)
			lab.HoldsPasskeys(phone, 0)
			lab.HoldsPasskeys(laptop, 1)
			lab.Site.OpenOn(laptop).LogIn(alice)
		},
	},
	{
		ID:     "sync/new-device-recovers",
		Story:  "All devices are lost; on a new one the owner signs in at the provider with their recovery secret, and has their passkey again.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.ICloud())
			lab.Site.OpenOn(phone).SignUp(alice)
			phone.Lose()
			laptop.Lose()
			tablet := lab.Phone("alice's tablet")
			cloud.JoinSealed(tablet)
			page := lab.Site.OpenOn(tablet)
			page.LogInFails("NotAllowedError")
			lab.Unlocks(cloud, tablet)
			page.LogIn(alice)
		},
	},
}
