package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// silently are the links on which a passkey can be made in silence.
func silently() map[passkeylab.Link]string {
	return map[passkeylab.Link]string{
		passkeylab.Proxy: "Chromium hands a conditional creation to an extension as if it were any other",
		passkeylab.CDP:   "Chromium's virtual authenticators never answer a conditional creation",
	}
}

// withSavedPassword is somebody whose provider keeps the password of their account at a
// site that asks for passkeys in silence.
func withSavedPassword(lab *passkeylab.Lab, p provider.Provider) (alice string, cloud *passkeylab.Cloud, phone *passkeylab.Device, page *passkeylab.Page) {
	alice = lab.Someone("alice")
	cloud, phone = lab.Cloud("alice's account", p), lab.Phone("alice's phone")
	cloud.Join(phone)
	lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Upgrade, p.ProgressiveEnrollment = true, false })
	page = lab.Site.OpenOn(phone)
	page.SignUpWithPassword(alice, password1).LogOut()
	cloud.SavePassword(phone, alice)
	return alice, cloud, phone, page
}

var upgrades = []Scenario{
	{
		ID:     "upgrade/after-a-password-login",
		Story:  "The provider fills in the password that it keeps, and makes a passkey beside it without a word; the next login is by passkey.",
		Covers: []string{"WebAuthn L3 §5.1.3", "WebAuthn L3 §7.1 step 15"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, page := withSavedPassword(lab, provider.GooglePasswordManager())
			page.LogInWithPassword(alice, password1)
			page.Upgraded()
			lab.HoldsPasskeys(phone, 1)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrolled, alice).With("mediation", "conditional"))
			page.Open("/")
			page.Press("logout")
			page.LogIn(alice)
		},
	},
	{
		ID:     "upgrade/in-place-of-the-offer",
		Story:  "The site offers a passkey after the login, too; as one is made in silence, the offer goes away by itself.",
		Covers: []string{"WebAuthn L3 §5.1.3", "progressive enrolment"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, page := withSavedPassword(lab, provider.ICloud())
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.ProgressiveEnrollment = true })
			page.EnterPassword(alice, password1)
			page.Arrives(passkeylab.ScreenHome)
			lab.HoldsPasskeys(phone, 1)
		},
	},
	{
		ID:     "upgrade/on-the-other-device-too",
		Story:  "The password was saved on the phone; logging in with it on the laptop makes a passkey, which both then have.",
		Covers: []string{"WebAuthn L3 §5.1.3", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, _ := withSavedPassword(lab, provider.ICloud())
			laptop := lab.Laptop("alice's laptop")
			cloud.Join(laptop)
			atLaptop := lab.Site.OpenOn(laptop)
			atLaptop.LogInWithPassword(alice, password1)
			atLaptop.Upgraded()
			lab.HoldsPasskeys(laptop, 1)
			lab.HoldsPasskeys(phone, 1)
			lab.Site.OpenOn(phone).LogIn(alice)
		},
	},
	{
		ID:     "upgrade/no-second-one",
		Story:  "The phone has a passkey already; a login with the password makes no second one, and says nothing about it.",
		Covers: []string{"WebAuthn L3 §5.1.3", "WebAuthn L3 §5.4 excludeCredentials"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, page := withSavedPassword(lab, provider.ICloud())
			session := page.LogInWithPassword(alice, password1)
			page.Upgraded()
			session.LogOut()
			page.LogInWithPassword(alice, password1)
			page.NotUpgraded()
			lab.HoldsPasskeys(phone, 1)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrollmentFailed, alice).With("code", "InvalidStateError"))
		},
	},
	{
		ID:     "upgrade/password-not-saved",
		Story:  "The user types the password themselves: the browser has filled in nothing, and no passkey is made.",
		Covers: []string{"WebAuthn L3 §5.1.3"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			cloud, phone := lab.Cloud("alice's account", provider.ICloud()), lab.Phone("alice's phone")
			cloud.Join(phone)
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Upgrade, p.ProgressiveEnrollment = true, false })
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).LogOut()
			page.LogInWithPassword(alice, password1)
			page.NotUpgraded()
			lab.HoldsPasskeys(phone, 0)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrollmentFailed, alice).With("code", "NotAllowedError").With("mediation", "conditional"))
		},
	},
	{
		ID:     "upgrade/switched-off-by-the-user",
		Story:  "The user has told the provider to make no passkeys by itself, and it makes none.",
		Covers: []string{"WebAuthn L3 §5.1.3"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, cloud, phone, page := withSavedPassword(lab, provider.GooglePasswordManager())
			cloud.Account().AllowUpgrades(false)
			page.LogInWithPassword(alice, password1)
			page.NotUpgraded()
			lab.HoldsPasskeys(phone, 0)
		},
	},
	{
		ID:     "upgrade/a-provider-that-makes-none",
		Story:  "The provider keeps the password, but makes no passkeys by itself.",
		Covers: []string{"WebAuthn L3 §5.1.3"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, page := withSavedPassword(lab, provider.Bitwarden())
			page.LogInWithPassword(alice, password1)
			page.NotUpgraded()
			lab.HoldsPasskeys(phone, 0)
		},
	},
	{
		ID:     "upgrade/verification-required",
		Story:  "Policy wants the user verified even then; nobody can be in silence, and no passkey is made.",
		Covers: []string{"WebAuthn L3 §5.1.3"},
		Needs:  Needs{Embedded: true, Cannot: silently()},
		Run: func(lab *passkeylab.Lab) {
			alice, _, phone, page := withSavedPassword(lab, provider.ICloud())
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.UpgradeVerification = ceremony.VerificationRequired })
			page.LogInWithPassword(alice, password1)
			page.NotUpgraded()
			lab.HoldsPasskeys(phone, 0)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrollmentFailed, alice).With("code", "ConstraintError"))
		},
	},
	{
		ID:     "upgrade/stands-in-nobodys-way",
		Story:  "The browser lets the silent request wait, or refuses it; the user takes the passkey that the site offers all the same.",
		Covers: []string{"WebAuthn L3 §5.1.3", "progressive enrolment"},
		Needs: Needs{Embedded: true, Cannot: map[passkeylab.Link]string{
			passkeylab.Proxy: silently()[passkeylab.Proxy],
		}},
		Run: func(lab *passkeylab.Lab) {
			alice, phone := lab.Someone("alice"), lab.Phone("alice's phone")
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Upgrade = true })
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).LogOut()
			session := page.LogInWithPassword(alice, password1)
			session.AcceptPasskey()
			lab.HoldsPasskeys(phone, 1)
			session.LogOut()
			page.LogIn(alice)
		},
	},
}
