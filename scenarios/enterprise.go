package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// employed is somebody with a managed phone and a private one, in an account that an
// organisation does not manage yet.
func employed(lab *passkeylab.Lab) (alice string, cloud *passkeylab.Cloud, work, private *passkeylab.Device) {
	alice = lab.Someone("alice")
	cloud = lab.Cloud("alice's account at work", provider.ManagedICloud())
	work, private = lab.Phone("alice's phone from work"), lab.Phone("alice's own phone")
	cloud.JoinManaged(work)
	cloud.Join(private)
	return alice, cloud, work, private
}

var enterprise = []Scenario{
	{
		ID:     "enterprise/managed-devices-only",
		Story:  "A company lets its accounts live on its own devices only: the private phone is signed out, its passkeys go, and the phone from work goes on.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, work, private := employed(lab)
			lab.Site.OpenOn(work).SignUp(alice)
			onPrivate := lab.Site.OpenOn(private)
			onPrivate.LogIn(alice).LogOut()
			cloud.Manage(&provider.Management{ManagedDevicesOnly: true})
			lab.HoldsPasskeys(private, 0)
			onPrivate.LogInFails("NotAllowedError")
			lab.Site.OpenOn(work).LogIn(alice)
		},
	},
	{
		ID:     "enterprise/offline-when-the-rules-change",
		Story:  "The private phone is offline when the company tightens its rules: it logs in as before, until it hears of them.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, work, private := employed(lab)
			lab.Site.OpenOn(work).SignUp(alice)
			cloud.Account().Run()
			cloud.Partition(private)
			cloud.Manage(&provider.Management{ManagedDevicesOnly: true})
			page := lab.Site.OpenOn(private)
			page.LogIn(alice).LogOut()
			cloud.Heal()
			page.LogInFails("NotAllowedError")
		},
	},
	{
		ID:     "enterprise/somebody-leaves",
		Story:  "Somebody leaves the company: their phone is erased from afar and their passkeys are removed at the site, so that a copy made before is of no use either.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, work, _ := employed(lab)
			page := lab.Site.OpenOn(work)
			page.SignUp(alice).LogOut()
			copied := work.Copy("a copy of alice's phone")
			cloud.Erase(work)
			lab.Site.DropPasskeys(alice)
			lab.HoldsPasskeys(work, 0)
			page.LogInFails("NotAllowedError")
			lab.Site.OpenOn(copied).LogInFails("passkey-authentication-failed")
		},
	},
	{
		ID:     "enterprise/passkeys-stay-at-work",
		Story:  "The company forbids exports: nobody takes a passkey of its account to a private provider.",
		Covers: []string{"CXF 1.0"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, work, _ := employed(lab)
			laptop := lab.Laptop("alice's own laptop")
			lab.Cloud("alice's own account", provider.Bitwarden()).Join(laptop)
			lab.Site.OpenOn(work).SignUp(alice)
			cloud.Manage(&provider.Management{NoExport: true})
			lab.MayNotMigrate(work, laptop)
			lab.Site.OpenOn(laptop).LogInFails("NotAllowedError")
		},
	},
}
