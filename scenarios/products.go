package scenarios

import (
	"slices"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// matrix makes a journey for each of some products: the same story, under the ID with
// the product's behind it.
func matrix(s Scenario, run func(*passkeylab.Lab, profile.Profile), products ...profile.Profile) []Scenario {
	all := make([]Scenario, len(products))
	for i, p := range products {
		all[i] = s
		all[i].ID, all[i].Product = s.ID+"-"+p.ID, p.ID
		all[i].Run = func(lab *passkeylab.Lab) { run(lab, p) }
	}
	return all
}

// onProducts is what journeys with products need: Chromium's virtual authenticator is
// none of them.
func onProducts() Needs {
	return Needs{Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnDevice}}
}

var products = slices.Concat(
	matrix(Scenario{
		ID:     "products/in-and-out",
		Story:  "Somebody signs up and comes back with the passkeys of this product, and the site knows whether they can be backed up.",
		Covers: []string{"WebAuthn L3 §6.1.3", "docs/profiles.md"},
		Needs:  onProducts(),
	}, func(lab *passkeylab.Lab, p profile.Profile) {
		alice := lab.Someone("alice")
		device := lab.Device("alice's "+p.Name, p)
		page := lab.Site.OpenOn(device)
		page.SignUp(alice).LogOut()
		page.LogIn(alice)
		kind := map[bool]string{true: "multi_device", false: "single_device"}[device.Passkeys()[0].BackupEligible]
		lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("credential_device_type", kind))
	}, profile.ICloudKeychain, profile.GooglePasswordManagerAndroid, profile.WindowsHelloHardware, profile.OnePassword, profile.Bitwarden, profile.ChromeMac),
	matrix(Scenario{
		ID:     "products/roaming",
		Story:  "Somebody signs up on a laptop with a key of this product, and logs in on another laptop with the same key.",
		Covers: []string{"CTAP 2.3 §6.2.2", "docs/profiles.md"},
		Needs:  Needs{Keys: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnDevice}},
	}, func(lab *passkeylab.Lab, p profile.Profile) {
		alice := lab.Someone("alice")
		key := lab.Device("alice's "+p.Name, p)
		key.SetPIN("271828")
		first, second := lab.Laptop("a laptop"), lab.Laptop("another laptop")
		first.Plug(key)
		first.UserReachesFor(key)
		lab.Site.OpenOn(first).SignUp(alice)
		first.Unplug(key)
		second.Plug(key)
		second.UserReachesFor(key)
		lab.Site.OpenOn(second).LogIn(alice)
		lab.HoldsPasskeys(key, 1)
	}, profile.YubiKey54, profile.Solo2, profile.Nitrokey3),
)
