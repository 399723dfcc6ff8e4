package scenarios

import (
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

var providers = []Scenario{
	{
		ID:     "provider/eligible-only-later",
		Story:  "A phone says at sign-up that its passkey cannot be backed up, and once it is synced that it is; the site holds it to its first word and refuses, and the password gets its owner in.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §7.2 step 18", "supabase/auth#2732"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			cloud := lab.Cloud("alice's account", provider.ICloudBeforeSync())
			phone := lab.Phone("alice's phone")
			cloud.Join(phone)
			cloud.Partition(phone)
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			page.LogIn(alice).LogOut()
			cloud.Heal()
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", string(ceremony.ReasonBackupState)))
			page.LogInWithPassword(alice, password1)
		},
	},
	{
		ID:     "provider/eligible-at-registration-only",
		Story:  "A preview of a provider called its passkeys backed up when it made them and denied it ever after; the site refuses every login with one.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §7.2 step 18", "w3c/webauthn#1791"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, laptop := sharing(lab, provider.ICloud2022())
			lab.Site.OpenOn(phone).SignUp(alice)
			lab.Site.OpenOn(laptop).LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", string(ceremony.ReasonBackupState)))
		},
	},
	{
		ID:     "provider/flags-change-with-the-app",
		Story:  "An app that keeps no flags is updated, and shows other ones for the same passkey; the site takes it for another kind of passkey and refuses until its owner makes a new one.",
		Covers: []string{"WebAuthn L3 §6.1.3", "pocket-id/pocket-id#397", "keepassxreboot/keepassxc#11977"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			cloud := lab.Cloud("alice's database", provider.KeePassXC2711())
			laptop := lab.Laptop("alice's laptop")
			cloud.Join(laptop)
			page := lab.Site.OpenOn(laptop)
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			page.LogIn(alice).LogOut()
			lab.Updates(laptop, provider.KeePassXC())
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", string(ceremony.ReasonBackupState)))

			session := page.LogInWithPassword(alice, password1)
			session.RemoveOldestPasskey()
			laptop.Forget(alice)
			session.AddPasskey()
			session.LogOut()
			page.LogIn(alice)
		},
	},
	{
		ID:     "provider/two-that-disagree",
		Story:  "Phone and laptop have passkeys of two providers that know nothing of each other: each gets its owner in, and deleting one leaves the other.",
		Covers: []string{"WebAuthn L3 §5.4.5", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
			lab.Cloud("alice's iCloud account", provider.ICloud()).Join(phone)
			lab.Cloud("alice's Google account", provider.GooglePasswordManager()).Join(laptop)
			onPhone, onLaptop := lab.Site.OpenOn(phone), lab.Site.OpenOn(laptop)
			onPhone.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			onLaptop.LogInFails("NotAllowedError")
			onLaptop.LogInWithPassword(alice, password1).AddPasskey().LogOut()
			phone.Forget(alice)
			onPhone.LogInFails("NotAllowedError")
			onLaptop.LogIn(alice)
		},
	},
	{
		ID:     "provider/both-enrol-at-once",
		Story:  "Phone and laptop are cut off from each other and both make a passkey for one account; when they meet again both are there, and both get in.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §5.4.5"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.Bitwarden())
			enrolApart(lab, alice, cloud, phone, laptop)
			lab.HoldsPasskeys(phone, 2)
			lab.HoldsPasskeys(laptop, 2)
			lab.Site.OpenOn(phone).LogIn(alice)
			lab.Site.OpenOn(laptop).LogIn(alice)
		},
	},
	{
		ID:     "provider/the-newest-wins",
		Story:  "Both devices enrol at once at a provider that keeps one passkey for each user: the newer one is on both and gets in, and the site goes on listing the older, which nobody has any more.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §5.1.10"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.ICloud())
			enrolApart(lab, alice, cloud, phone, laptop)
			lab.HoldsPasskeys(phone, 1)
			lab.HoldsPasskeys(laptop, 1)
			lab.Site.OpenOn(phone).LogIn(alice)
			lab.Site.OpenOn(laptop).LogIn(alice)
			lab.KnowsPasskeys(alice, 2)
		},
	},
	{
		ID:     "provider/the-newest-shadows",
		Story:  "Both devices enrol at once at a provider that shows the newest passkey of a user only: deleting that one brings the older one back, and it still gets in.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, provider.GooglePasswordManager())
			enrolApart(lab, alice, cloud, phone, laptop)
			lab.HoldsPasskeys(phone, 1)
			page := lab.Site.OpenOn(phone)
			page.LogIn(alice).LogOut()
			laptop.Forget(alice)
			lab.HoldsPasskeys(phone, 1)
			page.LogIn(alice)
		},
	},
	{
		ID:     "provider/bound-beside-synced",
		Story:  "Somebody has a passkey in the TPM of a laptop and a synced one on the phone; with the laptop goes its passkey alone, and the tablet has the other.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §5.4.5"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			cloud := lab.Cloud("alice's account", provider.ICloud())
			phone, tablet, laptop := lab.Phone("alice's phone"), lab.Phone("alice's tablet"), lab.Laptop("alice's laptop")
			cloud.Join(phone, tablet)
			lab.Cloud("the laptop's keystore", provider.WindowsHello()).Join(laptop)
			lab.Site.OpenOn(phone).SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			onLaptop := lab.Site.OpenOn(laptop)
			onLaptop.LogInWithPassword(alice, password1).AddPasskey().LogOut()
			onLaptop.LogIn(alice)
			lab.HoldsPasskeys(tablet, 1)
			laptop.Lose()
			lab.Site.OpenOn(tablet).LogIn(alice)
		},
	},
	{
		ID:     "provider/arrives-late",
		Story:  "A provider takes its time: the laptop has no passkey for a while, the password gets its owner in, and later the passkey does.",
		Covers: []string{"WebAuthn L3 §6.1.3"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			slow := provider.Dashlane()
			slow.Lag = provider.Lag{Up: time.Minute, Down: time.Hour}
			alice, _, phone, laptop := sharing(lab, slow)
			session := lab.Site.OpenOn(phone).SignUpWithPassword(alice, password1)
			session.AddPasskey()
			page := lab.Site.OpenOn(laptop)
			page.LogInFails("NotAllowedError")
			page.LogInWithPassword(alice, password1).LogOut()
			lab.Wait(2 * time.Hour)
			page.LogIn(alice)
		},
	},
	{
		ID:     "provider/made-on-the-laptop",
		Story:  "A laptop makes longer credential IDs than a phone; synced to the phone its passkey is listed by autofill there, and gets in.",
		Covers: []string{"CTAP 2.3 §6.4 (maxCredentialIdLength)", "WebAuthn L3 §5.1.4 #GetAssn-ConditionalMediation-Interact-FormControl"},
		Needs:  Needs{Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumCounts, passkeylab.Proxy: proxyHasNoAutofill}},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, laptop := sharing(lab, provider.OnePassword())
			lab.Site.OpenOn(laptop).SignUp(alice)
			page := lab.Site.OpenOn(phone)
			page.AutofillOffers(alice)
			page.PickFromAutofill(alice)
		},
	},
}

// enrolApart has two devices of one account at a provider make a passkey each while
// neither hears of the other, and lets them meet again.
func enrolApart(lab *passkeylab.Lab, alice string, cloud *passkeylab.Cloud, phone, laptop *passkeylab.Device) {
	cloud.Partition(phone, laptop)
	lab.Site.OpenOn(phone).SignUpWithPassword(alice, password1).AddPasskey().LogOut()
	lab.Wait(time.Minute)
	lab.Site.OpenOn(laptop).LogInWithPassword(alice, password1).AddPasskey().LogOut()
	cloud.Heal()
}
