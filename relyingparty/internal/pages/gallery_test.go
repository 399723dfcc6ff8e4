package pages

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The gallery is every screen as people meet it, and again with the longest of
// everything.

// sample is one picture of the gallery.
type sample struct {
	name string
	view View
}

var everyOffer = Offers{SignUp: true, PasswordSignUp: true, Reset: true}

// gallery returns all samples by name.
func gallery() []sample {
	const email = "alice@example.com"
	plain := map[string]View{
		"home":                           {Screen: Home},
		"home-logged-in":                 {Screen: Home, SignedIn: true, Email: email},
		"signup-id":                      {Screen: SignUpID},
		"signup-id-error":                {Screen: SignUpID, Email: "alice", Error: &Problem{"invalid-email", "Enter a valid email address"}},
		"signup-password":                {Screen: SignUpPassword, Email: email},
		"signup-password-error":          {Screen: SignUpPassword, Email: email, Error: &Problem{"password-too-weak", "The password is too weak"}},
		"passkey-enrollment-signup":      {Screen: Enrollment, Variant: SigningUp, Email: email},
		"passkey-enrollment-progressive": {Screen: Enrollment, Variant: Progressive, Email: email, SignedIn: true},
		"passkey-enrollment-reset":       {Screen: Enrollment, Variant: Resetting, Email: email, Ticket: "ticket"},
		"passkey-enrollment-error":       {Screen: Enrollment, Variant: SigningUp, Email: email, Error: &Problem{"email-in-use", "The user already exists."}},
		"passkey-enrollment-local":       {Screen: LocalEnrollment, Email: email, SignedIn: true},
		"login-id":                       {Screen: LoginID, Autofill: true, Button: true},
		"login-id-error":                 {Screen: LoginID, Button: true, Error: &Problem{"passkey-authentication-failed", "Passkey authentication failed. This passkey is not registered here any more. Use another passkey or your password."}},
		"login-password":                 {Screen: LoginPassword, Email: email},
		"login-password-error":           {Screen: LoginPassword, Email: email, Error: &Problem{"wrong-credentials", "Wrong email or password"}},
		"reset-password-request":         {Screen: ResetRequest, Email: email},
		"reset-password-request-error":   {Screen: ResetRequest, Email: email, Error: &Problem{"too-many-email", "You have exceeded the amount of emails. Wait a few minutes and try again."}},
		"reset-password-email":           {Screen: ResetEmail, Email: email},
		"reset-password":                 {Screen: Reset, Email: email, Ticket: "ticket"},
		"reset-password-success":         {Screen: ResetSuccess},
		"reset-password-error-expired":   {Screen: ResetError, Variant: LinkExpired, Error: &Problem{"auth0-users-expired-ticket", "This ticket was expired."}},
		"reset-password-error-used":      {Screen: ResetError, Variant: LinkUsed, Error: &Problem{"auth0-users-used-ticket", "This ticket was already used."}},
		"reset-password-error-generic":   {Screen: ResetError, Variant: LinkInvalid, Error: &Problem{"auth0-users-invalid-ticket", "This link is not valid. Request a new one."}},
		"account":                        {Screen: Account, SignedIn: true, Email: email, Account: somePasskeys()},
		"account-empty":                  {Screen: Account, SignedIn: true, Email: email, Account: &AccountBody{HasPassword: true}},
		"prf-demo":                       {Screen: PRFDemo, SignedIn: true, Email: email, Note: &NoteBody{Facts: someFacts}},
		"prf-demo-kept":                  {Screen: PRFDemo, SignedIn: true, Email: email, Note: &NoteBody{Facts: someFacts, Ciphertext: strings.Repeat("aB3_", 200), Passkey: "Safari on iPhone"}},
		"prf-demo-lost":                  {Screen: PRFDemo, SignedIn: true, Email: email, Note: &NoteBody{Ciphertext: "aB3_"}},
		"log":                            {Screen: Log, Operator: true, Log: someLog(), Filter: LogFilter{Types: []string{"s", "ss"}, Total: 812, Newer: "/log?page=0", Older: "/log?page=2"}},
		"log-empty":                      {Screen: Log, Operator: true, Filter: LogFilter{Text: "nothing"}},
		"outbox":                         {Screen: Outbox, Operator: true, Mails: someMails()},
		"outbox-empty":                   {Screen: Outbox, Operator: true},
		"mfa-login-options":              {Screen: FactorOptions, Email: email, Factors: everyFactor},
		"mfa-otp-challenge":              {Screen: OTPChallenge, Email: email, Factors: everyFactor},
		"mfa-otp-challenge-error":        {Screen: OTPChallenge, Email: email, Factors: everyFactor, Error: &Problem{"invalid-code", "The code you entered is invalid"}},
		"mfa-otp-enrollment-qr":          {Screen: OTPEnrollment, Email: email, Secret: strings.Repeat("GEZDGNBVGY3TQOJQ", 2), QR: someQR()},
		"mfa-email-challenge":            {Screen: EmailChallenge, Email: email, SentTo: email, Factors: everyFactor},
		"mfa-recovery-code-challenge":    {Screen: RecoveryChallenge, Email: email, Factors: everyFactor},
		"mfa-recovery-code-enrollment":   {Screen: RecoveryEnrollment, SignedIn: true, Email: email, Secret: "N3BGPZZWJ85JLCNPZBDW6QXC"},
		"mfa-recovery-code-error":        {Screen: RecoveryEnrollment, SignedIn: true, Email: email, Secret: "N3BGPZZWJ85JLCNPZBDW6QXC", Error: &Problem{"no-confirmation", "Please confirm you have recorded the code"}},
		"mfa-webauthn-platform":          {Screen: PlatformChallenge, Email: email, Factors: everyFactor},
		"mfa-webauthn-roaming":           {Screen: RoamingChallenge, Email: email, Factors: everyFactor},
		"error":                          {Screen: Error, Error: &Problem{"not-found", "There is no such page."}},
	}
	var all []sample
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		v := plain[name]
		v.CSRF, v.Company, v.Client, v.Offers = "token", "Acme", "Acme Shop", everyOffer
		all = append(all, sample{name, v}, sample{name + "-long", longest(v)})
	}
	return all
}

var everyFactor = []string{"webauthn-platform", "webauthn-roaming", "otp", "email", "recovery-code"}

func someQR() QR {
	code, err := NewQR("otpauth://totp/Acme:alice@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme&algorithm=SHA1&digits=6&period=30")
	if err != nil {
		panic(err)
	}
	return code
}

// someFacts are what the script of prf-demo is given.
const someFacts = `{"rpId":"localhost","userId":"AA","passkeys":["AA"]}`

func somePasskeys() *AccountBody {
	return &AccountBody{HasPassword: true, Factors: someFactors(), Passkeys: []PasskeyRow{
		{ID: "1", Credential: "AA", Name: "Safari on iPhone", Provider: "iCloud Keychain", DeviceType: "multi_device", BackedUp: true, Created: "2 January 2030", LastUsed: "14 March 2030"},
		{ID: "2", Credential: "BB", Name: "Chrome on Windows", Provider: "Google Password Manager", DeviceType: "multi_device", Created: "2 January 2030"},
		{ID: "3", Credential: "CC", Name: "Security key", Provider: "YubiKey 5 Series with NFC", DeviceType: "single_device", Created: "9 February 2030", LastUsed: "10 February 2030"},
		{ID: "4", Credential: "DD", Name: "Chrome on Linux", DeviceType: "single_device", Created: "9 February 2030"},
	}}
}

func someFactors() []FactorRow {
	return []FactorRow{
		{ID: "totp|dev_1", Kind: "otp", Created: "2 January 2030", LastUsed: "14 March 2030"},
		{ID: "email|dev_2", Kind: "email", Address: "alice@example.com", Created: "9 February 2030"},
		{ID: "recovery-code|dev_3", Kind: "recovery-code", Created: "2 January 2030"},
	}
}

func someLog() []LogLine {
	return []LogLine{
		{Seq: 3, Time: "2030-01-02 15:04:05.000", Type: "f", Description: "Failed login", User: "alice@example.com", IP: "192.0.2.1", Details: "{\n  \"error\": {\"message\": \"Passkey authentication failed\"}\n}", Failed: true},
		{Seq: 2, Time: "2030-01-02 15:04:01.120", Type: "gd_enrollment_complete", Description: "Guardian - Enrollment complete (passkey)", User: "alice@example.com", IP: "192.0.2.1", Details: "{}"},
		{Seq: 1, Time: "2030-01-02 15:03:00.000", Type: "ss", Description: "Successful signup", User: "alice@example.com", IP: "2001:db8::1", Details: "{}"},
	}
}

func someMails() []MailRow {
	link := "https://auth.acme.test/u/reset-password/reset?ticket=" + strings.Repeat("aB3_", 11)
	return []MailRow{{
		Time: "2030-01-02 15:04:05.000", To: "alice@example.com", Subject: "Change your password for Acme Shop",
		Text:  "Somebody, hopefully you, asked to change your password for Acme Shop.\n\nChoose a new one here:\n" + link + "\n\nThe link works once.\n",
		Links: []string{link},
	}}
}

// longest fills a view with the longest that there can be: addresses of 200
// characters without a break, texts of several lines, names of many words and of one.
func longest(v View) View {
	email := strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + ".com"
	if v.Email != "" {
		v.Email = email
	}
	if v.SentTo != "" {
		v.SentTo = email
	}
	v.Client = "The Incredibly Well Stocked Emporium of Danube Steamship Companies"
	v.Company = strings.Repeat("Donaudampfschifffahrt", 4)
	v.Texts = Texts{v.Screen: {}}
	for key, text := range catalog[v.Screen].texts {
		if strings.HasSuffix(key, "Title") || strings.HasSuffix(key, "title") || strings.HasSuffix(key, "escription") {
			text += " " + strings.Repeat("And some more words that an operator found worth saying. ", 3)
		} else if key != "pageTitle" && key != "logoAltText" {
			text += " or Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
		}
		if text != "" {
			v.Texts[v.Screen][key] = text
		}
	}
	if v.Error != nil {
		v.Error = &Problem{v.Error.Key, strings.Repeat("Something went wrong in a way that takes some words to tell. ", 4) + strings.Repeat("x", 200)}
	}
	if v.Account != nil {
		long := *v.Account
		long.Passkeys = nil
		for i := range 20 {
			name := strings.Repeat("My passkey ", 18)
			if i%2 == 1 {
				name = strings.Repeat("x", 200)
			}
			long.Passkeys = append(long.Passkeys, PasskeyRow{
				ID: fmt.Sprint(i), Credential: strings.Repeat("c", 80) + fmt.Sprint(i), Name: name, Provider: strings.Repeat("Provider", 12),
				DeviceType: "multi_device", BackedUp: i%3 == 0, Created: "30 September 2030", LastUsed: "30 September 2030",
			})
		}
		long.Factors = nil
		for _, f := range v.Account.Factors {
			if f.Address != "" {
				f.Address = email
			}
			long.Factors = append(long.Factors, f)
		}
		long.Full = len(v.Account.Passkeys) > 0
		v.Account = &long
	}
	for range v.Log {
		v.Log = append(v.Log[:len(v.Log):len(v.Log)], LogLine{Seq: 9, Time: "2030-01-02 15:04:05.000", Type: "gd_webauthn_enrollment_failed",
			Description: strings.Repeat("Long ", 40), User: email, IP: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Details: strings.Repeat("x", 4000)})
	}
	for i := range v.Mails {
		v.Mails = append([]MailRow{{Time: v.Mails[i].Time, To: email, Subject: strings.Repeat("Subject", 40), Text: strings.Repeat("x", 900), Links: v.Mails[i].Links}}, v.Mails...)
	}
	return v
}
