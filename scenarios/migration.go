package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// moving is somebody with a phone at one provider and a laptop at another.
func moving(lab *passkeylab.Lab, from, to provider.Provider) (alice string, phone, laptop *passkeylab.Device) {
	alice = lab.Someone("alice")
	phone, laptop = lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
	lab.Cloud("alice's old account", from).Join(phone)
	lab.Cloud("alice's new account", to).Join(laptop)
	return alice, phone, laptop
}

var migration = []Scenario{
	{
		ID:     "migration/the-site-notices-nothing",
		Story:  "Somebody takes their passkeys from one provider to another; the same passkey logs in on the new one, and in the tenant log there is nothing but logins.",
		Covers: []string{"CXF 1.0, Passkey", "WebAuthn L3 §7.2"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, phone, laptop := moving(lab, provider.OnePassword(), provider.Bitwarden())
			lab.Site.OpenOn(phone).SignUp(alice).LogOut()
			lab.Migrate(phone, laptop)
			lab.HoldsPasskeys(laptop, 1)
			lab.Site.OpenOn(laptop).LogIn(alice)
			lab.Site.Log().Is(
				passkeylab.On(relyingparty.EventSignUp, alice),
				passkeylab.On(relyingparty.EventLogout, alice),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"),
			)
		},
	},
	{
		ID:     "migration/and-the-old-provider-goes",
		Story:  "After the move the old provider's copy is deleted; the new one goes on, and the old phone has nothing to log in with.",
		Covers: []string{"CXF 1.0, Passkey", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, phone, laptop := moving(lab, provider.ICloud(), provider.GooglePasswordManager())
			onPhone := lab.Site.OpenOn(phone)
			onPhone.SignUp(alice).LogOut()
			lab.Migrate(phone, laptop)
			phone.Forget(alice)
			onPhone.LogInFails("NotAllowedError")
			lab.Site.OpenOn(laptop).LogIn(alice)
		},
	},
	{
		ID:     "migration/the-flags-change",
		Story:  "The new provider shows other flags for the passkey than the old one did; the site refuses it, and its owner makes a new one after a login by password.",
		Covers: []string{"CXF 1.0, Passkey", "WebAuthn L3 §7.2 step 18"},
		Needs:  Needs{Embedded: true, Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, phone, laptop := moving(lab, provider.ICloud(), provider.KeePassXC2711())
			lab.Site.OpenOn(phone).SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			lab.Migrate(phone, laptop)
			page := lab.Site.OpenOn(laptop)
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", string(ceremony.ReasonBackupState)))
			laptop.Forget(alice)
			page.LogInWithPassword(alice, password1).AddPasskey().LogOut()
			page.LogIn(alice)
		},
	},
	{
		ID:     "migration/what-is-bound-stays",
		Story:  "A passkey in a laptop's TPM cannot be taken along; its owner is told why, and the new provider has none.",
		Covers: []string{"CXF 1.0, Passkey", "WebAuthn L3 §6.1.3"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			old, fresh := lab.Laptop("alice's old laptop"), lab.Laptop("alice's new laptop")
			lab.Cloud("the old laptop's keystore", provider.WindowsHello()).Join(old)
			lab.Cloud("alice's account", provider.Bitwarden()).Join(fresh)
			page := lab.Site.OpenOn(old)
			page.SignUp(alice).LogOut()
			lab.StaysBehind(old, fresh, 1)
			lab.Site.OpenOn(fresh).LogInFails("NotAllowedError")
			page.LogIn(alice)
		},
	},
	{
		ID:     "migration/twice",
		Story:  "Somebody imports the same passkeys again; nothing is there twice, and the login goes on.",
		Covers: []string{"CXF 1.0, Passkey"},
		Needs:  Needs{Cannot: notOnCDP},
		Run: func(lab *passkeylab.Lab) {
			alice, phone, laptop := moving(lab, provider.ProtonPass(), provider.Dashlane())
			lab.Site.OpenOn(phone).SignUp(alice).LogOut()
			lab.Migrate(phone, laptop)
			lab.Migrate(phone, laptop)
			lab.HoldsPasskeys(laptop, 1)
			lab.Site.OpenOn(laptop).LogIn(alice)
		},
	},
}
