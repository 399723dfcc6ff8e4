package scenarios

import (
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// always has the site ask for a second factor from here on.
func always(lab *passkeylab.Lab) {
	lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.SecondFactor = relyingparty.SecondFactorAlways })
}

// factors are journeys of second factors.
var factors = []Scenario{
	{
		ID:     "policy/second-factor",
		Story:  "The site asks for a second factor after a passkey: the user enrols an authenticator app once, and gives a code of it from then on. A wrong code is refused.",
		Covers: []string{"RFC 6238 §4", "OpenID Connect Core §2"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			always(lab)
			page.BeginLogin()
			page.Press("passkey-button")
			app, _ := page.EnrolApp()
			page.GotIn(alice).LogOut()

			lab.Wait(time.Minute)
			page.BeginLogin()
			page.Press("passkey-button")
			page.Expect(passkeylab.ScreenOTPChallenge)
			page.EnterWrongCode(app)
			page.EnterCode(app.Code())
			page.GotIn(alice)
			lab.Site.Log().Is(
				passkeylab.On(relyingparty.EventSignUp, alice).With("authentication_methods", "passkey"),
				passkeylab.On(relyingparty.EventLogout, alice),
				passkeylab.On(relyingparty.EventFactorEnrollmentStarted, alice).With("type", "otp"),
				passkeylab.On(relyingparty.EventPasskeyEnrolled, alice).With("type", "otp"),
				passkeylab.On(relyingparty.EventFactorPassed, alice).With("type", "otp"),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "mfa"),
				passkeylab.On(relyingparty.EventLogout, alice),
				passkeylab.On(relyingparty.EventFactorAsked, alice).With("type", "otp"),
				passkeylab.On(relyingparty.EventFactorFailed, alice).With("code", "invalid-code"),
				passkeylab.On(relyingparty.EventFactorPassed, alice).With("type", "otp"),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "mfa"),
			)
		},
	},
	{
		ID:     "policy/passkey-suffices",
		Story:  "The site leaves the second factor out of logins with a passkey, and asks for it after a password all the same.",
		Covers: []string{"OpenID Connect Core §2"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			page, other := lab.Site.OpenOn(lab.Phone("alice's phone")), lab.Site.OpenOn(lab.Phone("bob's phone"))
			page.SignUp(alice).LogOut()
			other.SignUpWithPassword(bob, password1).LogOut()
			always(lab)
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.PasskeySuffices = true })
			page.LogIn(alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "phr"))
			other.EnterPassword(bob, password1)
			other.EnrolApp()
			other.GotIn(bob)
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventFactorPassed, alice))
		},
	},
	{
		ID:     "policy/passkey-after-password",
		Story:  "The second factor after a password is the passkey that the user has. Declined, nobody gets in and the log says so; then it is shown.",
		Covers: []string{"WebAuthn L3 §5.5", "WebAuthn L3 §7.2 step 5"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			page := lab.Site.OpenOn(phone)
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			always(lab)
			page.EnterPassword(alice, password1)
			page.Expect(passkeylab.ScreenPlatformChallenge)
			phone.UserDeclines()
			page.Press("use-passkey")
			page.ExpectError("NotAllowedError")
			page.Press("use-passkey")
			page.GotIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventWebAuthnFactorFailed, alice).With("code", "NotAllowedError"),
				passkeylab.On(relyingparty.EventFactorPassed, alice).With("type", "webauthn-platform"),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "mfa"),
			)
		},
	},
	{
		ID:     "policy/key-after-password",
		Story:  "The second factor after a password is the security key that the user has registered as a passkey.",
		Covers: []string{"WebAuthn L3 §5.5", "CTAP 2.3 §6.2.2 step 6.2"},
		Needs:  Needs{Embedded: true, Keys: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			key := lab.SecurityKey("alice's key")
			page := lab.Site.OpenOn(withKey(lab, "alice's laptop", key))
			page.SignUpWithPassword(alice, password1).AddPasskey().LogOut()
			always(lab)
			page.EnterPassword(alice, password1)
			page.Expect(passkeylab.ScreenRoamingChallenge)
			page.Press("use-passkey")
			page.GotIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventFactorPassed, alice).With("type", "webauthn-roaming"),
				passkeylab.On(relyingparty.EventLogin, alice).With("performed_amr", "mfa"),
			)
		},
	},
	{
		ID:     "policy/recovery-code",
		Story:  "The phone with the authenticator app is lost: a recovery code gets the user in once, and another one takes its place.",
		Covers: []string{"account recovery"},
		Needs:  Needs{Embedded: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Laptop("alice's laptop"))
			page.SignUpWithPassword(alice, password1).LogOut()
			always(lab)
			page.EnterPassword(alice, password1)
			_, code := page.EnrolApp()
			page.GotIn(alice).DeclinePasskey()
			page.Open("/")
			page.Press("logout")

			recover := func(code string) {
				page.EnterPassword(alice, password1)
				page.Expect(passkeylab.ScreenOTPChallenge)
				page.Press("try-another-method")
				page.Press("method-recovery-code")
				page.Expect(passkeylab.ScreenRecoveryChallenge)
				page.EnterCode(code)
			}
			recover(code)
			next := page.NoteRecoveryCode()
			page.GotIn(alice).LogOut()
			recover(code)
			page.ExpectError("invalid-code")
			page.EnterCode(next)
			page.NoteRecoveryCode()
			page.GotIn(alice)
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventRecoveryPassed, alice).With("type", "recovery-code"),
				passkeylab.On(relyingparty.EventRecoveryFailed, alice).With("code", "invalid-code"),
			)
		},
	},
}
