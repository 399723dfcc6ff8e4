package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab"
)

// Claim is one thing that the product's documentation says of passkeys, in our
// words, and the journeys that show it.
type Claim struct {
	Says     string
	Journeys []string // IDs
}

// Chapter is a part of the documentation's page.
type Chapter struct {
	Title  string
	Claims []Claim
}

// productPage is what the claims are of.
const productPage = "https://auth0.com/docs/authenticate/database-connections/passkeys"

// Product returns what the documentation of the product says, in its order.
func Product() []Chapter { return slices.Clone(product) }

var product = []Chapter{
	{"What passkeys are", []Claim{
		{Says: "They authenticate without a password, by WebAuthn and CTAP.", Journeys: []string{"sign-up/passkey", "key/sign-up-and-in", "hybrid/log-in-elsewhere"}},
		{Says: "Users prove themselves by a biometric or by what is bound to a device, such as a PIN.", Journeys: []string{"sign-up/passkey", "button/verification-fails", "pin/sign-up-and-in"}},
		{Says: "They are synced, so that nobody enrols anew on each device.", Journeys: []string{"sync/on-every-device", "hybrid/synced-to-autofill"}},
		{Says: "They resist phishing, because there is no secret to give away.", Journeys: []string{"phishing/the-browser-refuses", "phishing/a-browser-that-cheats", "phishing/a-lie-about-the-origin", "phishing/a-password-is-not-safe"}},
		{Says: "Every account has a key of its own.", Journeys: []string{"button/two-accounts", "autofill/second-of-two"}},
		{Says: "They outlive the device that they were made on.", Journeys: []string{"loss/synced-passkey-survives", "sync/lost-phone-erased", "sync/new-device-recovers"}},
	}},
	{"Where they are available", []Claim{
		{Says: "They are a way to log in to an account of a database connection, at sign-up and at login.", Journeys: []string{"sign-up/passkey", "button/one-account", "autofill/one-account"}},
	}},
	{"Signing up", []Claim{
		{Says: "The page asks for an email address.", Journeys: []string{"sign-up/passkey", "sign-up/email-taken"}},
		{Says: "The user enters it and continues.", Journeys: []string{"sign-up/passkey"}},
		{Says: "The page offers a passkey.", Journeys: []string{"sign-up/passkey", "sign-up/password"}},
		{Says: "The user has it created.", Journeys: []string{"sign-up/passkey", "sign-up/cancel-then-retry"}},
		{Says: "The credential manager asks whether to create it.", Journeys: []string{"sign-up/passkey", "sign-up/cancel-then-password", "pin/set-at-sign-up"}},
		{Says: "Going on there, the user verifies with the device.", Journeys: []string{"sign-up/passkey", "sign-up/security-key", "faulty/unfit-for-sign-up"}},
		{Says: "Taking another way there, the user scans a QR code with the device that is to have the passkey.", Journeys: []string{"hybrid/sign-up", "hybrid/no-phone"}},
	}},
	{"Logging in", []Claim{
		{Says: "The page asks for an email address, a passkey, or either.", Journeys: []string{"policy/both", "password/beside-a-passkey"}},
		{Says: "The connection's policy decides between autofill, the button, and both.", Journeys: []string{"policy/autofill", "policy/button", "policy/both"}},
		{Says: "In the email field autofill suggests the passkeys that the user has.", Journeys: []string{"autofill/one-account", "autofill/second-of-two", "autofill/no-passkey"}},
		{Says: "At the button the credential manager asks which passkey to use.", Journeys: []string{"button/two-accounts", "button/two-accounts-on-a-key", "key/choose-account"}},
		{Says: "The credential manager has the user verify with the device.", Journeys: []string{"button/one-account", "button/verification-fails", "faulty/user-not-verified"}},
	}},
	{"Beside other credentials", []Claim{
		{Says: "A passkey replaces nothing: it stands beside the password.", Journeys: []string{"password/beside-a-passkey", "enrolment/after-a-password-login"}},
		{Says: "The password goes on working.", Journeys: []string{"password/beside-a-passkey", "loss/replace-a-lost-phone"}},
		{Says: "Whoever has lost everything resets the account by way of the password.", Journeys: []string{"password/reset-once", "password/reset-expired", "password/reset-keeps-passkeys", "loss/passkey-gone-from-the-device"}},
	}},
	{"Policy and log, on the pages that this one leads to", []Claim{
		{Says: "A login by password is followed by the offer of a passkey, which can be put off for thirty days.", Journeys: []string{"enrolment/after-a-password-login", "enrolment/declined-for-a-while"}},
		{Says: "A login with another device's passkey is followed by the offer of one for this device.", Journeys: []string{"enrolment/on-this-device", "hybrid/local-enrolment"}},
		{Says: "The tenant log tells of sign-ups, logins and enrolments by passkey.", Journeys: []string{"sign-up/passkey", "hybrid/log-in-elsewhere", "enrolment/after-a-password-login"}},
	}},
	{"Applications and the site's APIs, on the pages that this one leads to", []Claim{
		{Says: "Applications send their users to the login pages, and get them back with tokens.", Journeys: []string{"application/sign-up-by-redirect", "application/log-in-by-redirect", "application/autofill-by-redirect", "application/key-by-redirect", "application/phone-by-redirect", "application/logged-in-already", "application/log-out"}},
		{Says: "People are known by an email address, a phone number or a username; a username alone has no passkey.", Journeys: []string{"identifier/phone-number", "identifier/username-alone", "identifier/either-name"}},
		{Says: "An account has twenty passkeys at most.", Journeys: []string{"identifier/no-more-passkeys"}},
		{Says: "An application with screens of its own asks the API for passkeys.", Journeys: []string{"application/own-screens", "application/own-screens-refused", "application/made-in-the-app"}},
		{Says: "Users see to their own passkeys by My Account.", Journeys: []string{"application/my-account"}},
		{Says: "The connection, the texts and a user's passkeys are in the Management API's hands; what passkeys do not go together with is refused.", Journeys: []string{"operator/button-alone", "operator/impossible", "operator/own-words", "operator/removes-a-passkey"}},
	}},
}

// ProductTable is the table of docs/seed-coverage.md.
func ProductTable() string {
	var out strings.Builder
	out.WriteString("# What the product says, and the journeys that show it\n\n" +
		"The embedded site behaves as the passkeys of an Auth0 tenant do. Below is what\n" +
		"[their documentation](" + productPage + ")\nsays, sentence by sentence in our words, and the journeys in which it happens, with\n" +
		"the links that carry each. `passkeylab run ID` runs one. This page is generated\n" +
		"from `scenarios/product.go`.\n")
	for _, chapter := range product {
		fmt.Fprintf(&out, "\n## %s\n\n| it says | journeys |\n|---|---|\n", chapter.Title)
		for _, claim := range chapter.Claims {
			fmt.Fprintf(&out, "| %s | %s |\n", claim.Says, claim.shown())
		}
	}
	return out.String()
}

// shown lists the journeys of a claim with their links.
func (c Claim) shown() string {
	var shown []string
	for _, s := range All() {
		if !slices.Contains(c.Journeys, s.ID) {
			continue
		}
		var links []string
		for _, link := range passkeylab.Links() {
			if s.NotOn(link) == "" {
				links = append(links, string(link))
			}
		}
		shown = append(shown, fmt.Sprintf("`%s` (%s)", s.ID, strings.Join(links, ", ")))
	}
	return strings.Join(shown, "<br>")
}
