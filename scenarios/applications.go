package scenarios

import (
	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// appsHaveNoPage is why links of browsers cannot carry a journey that is all in an app.
const appsHaveNoPage = "no page is in it: an app asks the device itself"

// inAppsAlone is for journeys without a page.
func inAppsAlone() map[passkeylab.Link]string {
	cannot := map[passkeylab.Link]string{}
	for _, link := range passkeylab.Links() {
		if link.InBrowser() {
			cannot[link] = appsHaveNoPage
		}
	}
	return cannot
}

// appBesidePages is for journeys with an app and pages on one device.
func appBesidePages() map[passkeylab.Link]string {
	return map[passkeylab.Link]string{passkeylab.CDP: "Chromium's virtual authenticator serves pages, and no app beside them"}
}

var applications = []Scenario{
	{
		ID:     "application/sign-up-by-redirect",
		Story:  "A shop sends a new customer to the site to sign up; they come back with an account and a passkey.",
		Covers: []string{"OpenID Connect Core §3.1", "RFC 7636", "WebAuthn L3 §7.1"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Shop().OpenOn(lab.Phone("alice's phone"))
			page.Press("sign-up")
			page.Expect(passkeylab.ScreenSignUp)
			page.Fill("email", alice)
			page.Press("continue")
			page.Expect(passkeylab.ScreenEnrollment)
			page.Press("create-passkey")
			lab.Shop().LoggedIn(page, alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUp, alice))
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventExchangeCode, alice))
		},
	},
	{
		ID:     "application/log-in-by-redirect",
		Story:  "A customer of a shop logs in at the site by the passkey button, and is back in the shop.",
		Covers: []string{"OpenID Connect Core §3.1", "RFC 7636", "WebAuthn L3 §7.2"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice).LogOut()
			page := lab.Shop().OpenOn(phone)
			page.Press("log-in")
			page.Expect(passkeylab.ScreenLogin)
			page.Press("passkey-button")
			lab.Shop().LoggedIn(page, alice)
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventExchangeCode, alice))
		},
	},
	{
		ID:     "application/autofill-by-redirect",
		Story:  "On the way from a shop, autofill offers the passkey, and the customer is back in the shop.",
		Covers: []string{"OpenID Connect Core §3.1", "WebAuthn L3 §5.1.4"},
		Needs:  Needs{Embedded: true, Shop: true, Popup: true, Cannot: noAutofill()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice).LogOut()
			page := lab.Shop().OpenOn(phone)
			page.Press("log-in")
			page.Expect(passkeylab.ScreenLogin)
			page.Pick(alice)
			lab.Shop().LoggedIn(page, alice)
		},
	},
	{
		ID:     "application/key-by-redirect",
		Story:  "A customer with a security key logs in to a shop.",
		Covers: []string{"OpenID Connect Core §3.1", "CTAP 2.3 §6.2"},
		Needs:  Needs{Embedded: true, Shop: true, Keys: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop := laptopWith(lab, "alice's laptop", lab.SecurityKey("alice's key"))
			lab.Site.OpenOn(laptop).SignUp(alice).LogOut()
			page := lab.Shop().OpenOn(laptop)
			page.Press("log-in")
			page.Press("passkey-button")
			page.Expect(passkeylab.ScreenLocalEnrollment)
			page.Press("continue-without-passkey")
			lab.Shop().LoggedIn(page, alice)
		},
	},
	{
		ID:     "application/phone-by-redirect",
		Story:  "A customer of a shop at somebody else's computer logs in by a phone that scans the QR code.",
		Covers: []string{"OpenID Connect Core §3.1", "CTAP 2.3 §11.5"},
		Needs:  Needs{Embedded: true, Shop: true, Phones: true},
		Run: func(lab *passkeylab.Lab) {
			alice, laptop, _, _ := signedUpByPhone(lab, "a borrowed laptop")
			page := lab.Shop().OpenOn(laptop)
			page.Press("log-in")
			page.Press("passkey-button")
			page.Expect(passkeylab.ScreenLocalEnrollment)
			page.Press("continue-without-passkey")
			lab.Shop().LoggedIn(page, alice)
		},
	},
	{
		ID:     "application/logged-in-already",
		Story:  "Somebody who is logged in at the site is let into the shop without a question; somebody who is not is told so.",
		Covers: []string{"OpenID Connect Core §3.1.2.1 (prompt)"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Shop().OpenOn(lab.Phone("alice's phone"))
			page.Press("look-in")
			page.ExpectError("login_required")
			page.Press("sign-up")
			page.Fill("email", alice)
			page.Press("continue")
			page.Press("create-passkey")
			lab.Shop().LoggedIn(page, alice)
			page.Open(lab.Site.URL() + "/")
			page.Expect(passkeylab.ScreenHome)
			page.Open(lab.Shop().URL() + "/login?prompt=none")
			lab.Shop().LoggedIn(page, alice)
		},
	},
	{
		ID:     "application/log-out",
		Story:  "Who logs out of the shop is logged out of the site, and has to show the passkey again.",
		Covers: []string{"logout", "OpenID Connect Core §3.1"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Site.OpenOn(phone).SignUp(alice).LogOut()
			page := lab.Shop().OpenOn(phone)
			page.Press("log-in")
			page.Press("passkey-button")
			lab.Shop().LoggedIn(page, alice)
			page.Press("log-out")
			page.Expect(passkeylab.ScreenShop)
			page.Press("log-in")
			page.Expect(passkeylab.ScreenLogin)
			page.Press("passkey-button")
			lab.Shop().LoggedIn(page, alice)
		},
	},
	{
		ID:     "application/own-screens",
		Story:  "An app with screens of its own signs somebody up with a passkey, and logs them in by it.",
		Covers: []string{"native passkeys: /passkey/register, /passkey/challenge, /oauth/token", "WebAuthn L3 §7.1", "WebAuthn L3 §7.2"},
		Needs:  Needs{Embedded: true, Shop: true, Cannot: inAppsAlone()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Shop().AppOn(phone).SignUp(alice)
			lab.HoldsPasskeys(phone, 1)
			lab.Shop().AppOn(phone).LogIn()
			log := lab.Site.Log()
			log.Has(passkeylab.On(relyingparty.EventPasskeyChallengeStarted, alice).With("purpose", "register"))
			log.Has(passkeylab.On(relyingparty.EventPasskeyChallengeStarted, "").With("purpose", "login"))
			log.Has(passkeylab.On(relyingparty.EventSignUp, alice))
			log.Has(passkeylab.On(relyingparty.EventLogin, alice))
		},
	},
	{
		ID:     "application/own-screens-refused",
		Story:  "An app is refused a passkey that the site has dropped, and one that its user does not give.",
		Covers: []string{"native passkeys: /oauth/token", "WebAuthn L3 §7.2 step 6"},
		Needs:  Needs{Embedded: true, Shop: true, Cannot: inAppsAlone()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			app := lab.Shop().AppOn(phone)
			app.SignUp(alice)
			phone.UserDeclines()
			app.LogInFails("NotAllowedError")
			lab.Site.DropPasskeys(alice)
			app.LogInFails("invalid_grant")
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventLogin, alice))
		},
	},
	{
		ID:     "application/made-in-the-app",
		Story:  "An account that was made in the app is logged in to on the web by the same passkey.",
		Covers: []string{"native passkeys", "WebAuthn L3 §5.1.3"},
		Needs:  Needs{Embedded: true, Shop: true, Cannot: appBesidePages()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone := lab.Phone("alice's phone")
			lab.Shop().AppOn(phone).SignUp(alice)
			lab.Site.OpenOn(phone).LogIn(alice)
		},
	},
	{
		ID:     "application/my-account",
		Story:  "In the app somebody adds a passkey on a second device, names it, and later removes it; the web shows what the app does.",
		Covers: []string{"My Account: authentication methods", "WebAuthn L3 §7.1"},
		Needs:  Needs{Embedded: true, Shop: true, Cannot: appBesidePages()},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			phone, laptop := lab.Phone("alice's phone"), lab.Laptop("alice's laptop")
			app := lab.Shop().AppOn(phone)
			app.SignUp(alice)
			id := app.On(laptop).AddPasskey()
			app.Rename(id, "The laptop")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrolled, alice))
			page := lab.Site.OpenOn(laptop)
			page.LogIn(alice)
			page.Open("/account")
			page.Reads("passkey-list", "The laptop")
			app.ListsPasskeys(2)
			app.Remove(id)
			lab.Site.OpenOn(laptop).LogInFails("passkey-authentication-failed")
			lab.Site.OpenOn(phone).LogIn(alice)
		},
	},
}

var operators = []Scenario{
	{
		ID:     "operator/button-alone",
		Story:  "The operator takes autofill away: the login page has the button alone.",
		Covers: []string{"Management API: connections", "challenge_ui"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			lab.Shop().Operator().Configure(passkeyOptions("button"))
			page.BeginLogin()
			page.WaitsForAutofill(false)
			page.Shows("passkey-button")
			page.LogIn(alice)
		},
	},
	{
		ID:     "operator/impossible",
		Story:  "The operator asks for what passkeys do not go together with, is told why, and nothing changes.",
		Covers: []string{"Management API: connections", "passkey prerequisites"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			without := passkeyOptions("both")
			without["authentication_methods"].(map[string]any)["password"] = map[string]any{
				"enabled": false, "api_behavior": "required", "signup_behavior": "allow",
			}
			lab.Shop().Operator().ConfigureFails(without, "passwords must stay enabled")
			page.LogIn(alice)
		},
	},
	{
		ID:     "operator/own-words",
		Story:  "The operator words the passkey button; that is what the login page says.",
		Covers: []string{"Management API: custom text", "passkeyButtonText"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			lab.Shop().Operator().Word("login-id", map[string]map[string]string{"login-id": {"passkeyButtonText": "Use your finger, <b>${clientName}</b> knows it"}})
			page.BeginLogin()
			page.Reads("passkey-button", "Use your finger, <b>Acme Shop</b> knows it")
			page.PressPasskeyButton(alice)
		},
	},
	{
		ID:     "operator/removes-a-passkey",
		Story:  "The operator removes a passkey: the device still offers it, and the site refuses it.",
		Covers: []string{"Management API: authentication methods", "WebAuthn L3 §7.2 step 6"},
		Needs:  Needs{Embedded: true, Shop: true},
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			page := lab.Site.OpenOn(lab.Phone("alice's phone"))
			page.SignUp(alice).LogOut()
			operator := lab.Shop().Operator()
			for _, p := range operator.Passkeys(alice) {
				operator.RemovePasskey(alice, p.ID)
			}
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().HasNot(passkeylab.On(relyingparty.EventLogin, alice))
		},
	},
}

// passkeyOptions are options of the connection with passkeys on.
func passkeyOptions(challengeUI string) map[string]any {
	return map[string]any{
		"authentication_methods": map[string]any{"passkey": map[string]any{"enabled": true}},
		"passkey_options":        map[string]any{"challenge_ui": challengeUI},
	}
}
