package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// backups are journeys of what policy says of backed-up passkeys, and of hints.
var backups = []Scenario{
	{
		ID:     "backup/device-bound-only",
		Story:  "The site takes no passkeys that are synced: the phone's is refused, and a security key's is taken.",
		Covers: []string{"WebAuthn L3 §7.1 step 18", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Backup = ceremony.BackupDeviceBound })
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.BeginSignUp(alice)
			page.CreatePasskeyFails("passkey-enrollment-failure")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUpFailed, alice).With("reason", "may-be-synced"))
			laptop, key := lab.Laptop("bob's laptop"), lab.SecurityKey("bob's key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			atLaptop := lab.Site.OpenOn(laptop)
			atLaptop.SignUp(bob).LogOut()
			atLaptop.LogIn(bob)
		},
	},
	{
		ID:     "backup/synced-only",
		Story:  "The site wants passkeys that outlive their device: a security key's is refused, and the phone's is taken.",
		Covers: []string{"WebAuthn L3 §7.1 step 18", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Backup = ceremony.BackupEligible })
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			page.LogIn(alice)
			laptop, key := lab.Laptop("bob's laptop"), lab.SecurityKey("bob's key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			atLaptop := lab.Site.OpenOn(laptop)
			atLaptop.BeginSignUp(bob)
			atLaptop.CreatePasskeyFails("passkey-enrollment-failure")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUpFailed, bob).With("reason", "device-bound"))
		},
	},
	{
		ID:     "hints/security-key",
		Story:  "The site hints at security keys: the passkey is made on the key that is plugged in, and not on the laptop.",
		Covers: []string{"WebAuthn L3 §5.8.7"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := lab.Laptop("alice's laptop"), lab.SecurityKey("alice's key")
			laptop.Plug(key)
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Hints = ceremony.Hints{ceremony.HintSecurityKey} })
			if lab.Link() == passkeylab.CDP {
				laptop.UserReachesFor(key) // Chromium's virtual authenticators are touched one at a time
			}
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			lab.HoldsPasskeys(key, 1)
			lab.HoldsPasskeys(laptop, 0)
			page.LogIn(alice)
		},
	},
	{
		ID:     "hints/client-device",
		Story:  "The site hints at this device: the passkey is made on the laptop, though a key is plugged in.",
		Covers: []string{"WebAuthn L3 §5.8.7"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop, key := lab.Laptop("alice's laptop"), lab.SecurityKey("alice's key")
			laptop.Plug(key)
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Hints = ceremony.Hints{ceremony.HintClientDevice} })
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice)
			lab.HoldsPasskeys(key, 0)
			lab.HoldsPasskeys(laptop, 1)
		},
	},
	{
		ID:     "backup/no-longer",
		Story:  "The only other device leaves the provider's account: the next login tells that the passkey is not backed up any more, and the log warns.",
		Covers: []string{"WebAuthn L3 §6.1.3", "WebAuthn L3 §7.2 step 19"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, backedUpElsewhere())
			page := lab.Site.OpenOn(phone)
			page.SignUp(alice).LogOut()
			lab.HoldsPasskeys(laptop, 1)
			page.LogIn(alice).LogOut()
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("credential_backed_up", "true"))
			cloud.Remove(laptop)
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("credential_backed_up", "false").With("warning", "backup-lost"))
		},
	},
	{
		ID:     "backup/loss-refused",
		Story:  "Policy has no passkey that was backed up and is so no longer: the login is refused, and the password still works.",
		Covers: []string{"WebAuthn L3 §7.2 step 19"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, laptop := sharing(lab, backedUpElsewhere())
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.BackupLoss = ceremony.BackupLossRefuse })
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			lab.HoldsPasskeys(laptop, 1)
			page.LogIn(alice).LogOut()
			cloud.Remove(laptop)
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", "backup-lost"))
			page.LogInWithPassword(alice, password1)
		},
	},
}

// backedUpElsewhere is a provider that tells the truth about backup at every moment.
func backedUpElsewhere() provider.Provider {
	p := provider.ICloud()
	p.ID, p.Name = "", "a provider whose flags follow the facts"
	p.Backup = provider.Backup{State: provider.BackedUpElsewhere}
	return p
}
