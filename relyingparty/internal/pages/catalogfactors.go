package pages

// The texts of the screens of second factors, as catalog has those of the others. The
// product's table has no pageTitle for mfa-webauthn-platform-challenge, and its text under
// title; the picture of the screen has another one.

// factorCatalog are the texts of second factors.
var factorCatalog = map[string]wording{
	FactorOptions: {
		prompt: "mfa",
		texts: map[string]string{
			"pageTitle":                          "List of other login methods | ${clientName}",
			"title":                              "Other Methods",
			"authenticatorNamesOTP":              "Google Authenticator or similar",
			"authenticatorNamesEmail":            "Email",
			"authenticatorNamesRecoveryCode":     "Recovery code",
			"authenticatorNamesWebauthnRoaming":  "Security Key",
			"authenticatorNamesWebauthnPlatform": "Fingerprint or Face Recognition",
			"logoAltText":                        "${companyName}",
		},
	},
	OTPChallenge: {
		prompt: "mfa-otp",
		texts: map[string]string{
			"pageTitle":             "Enter your one-time password to log in | ${clientName}",
			"title":                 "Verify Your Identity",
			"description":           "Check your preferred one-time password application for a code.",
			"placeholder":           "Enter your one-time code",
			"buttonText":            "Continue",
			"pickAuthenticatorText": "Try another method",
			"logoAltText":           "${companyName}",
		},
	},
	OTPEnrollment: {
		prompt: "mfa-otp",
		texts: map[string]string{
			"pageTitle":          "Scan the code to log in using a one-time password | ${clientName}",
			"title":              "Secure Your Account",
			"description":        "Scan the QR Code below using your preferred authenticator app and then enter the provided one-time code below.",
			"codeEnrollmentText": "Trouble Scanning?",
			"separatorText":      "Then",
			"placeholder":        "Enter your one-time code",
			"buttonText":         "Continue",
			"logoAltText":        "${companyName}",
		},
	},
	EmailChallenge: {
		prompt: "mfa-email",
		texts: map[string]string{
			"pageTitle":             "Enter your email code to log in | ${clientName}",
			"title":                 "Verify Your Identity",
			"description":           "We've sent an email with your code to",
			"placeholder":           "Enter the code",
			"buttonText":            "Continue",
			"resendText":            "Didn't receive an email?",
			"resendActionText":      "Resend",
			"pickAuthenticatorText": "Try another method",
			"logoAltText":           "${companyName}",
		},
	},
	RecoveryChallenge: {
		prompt: "mfa-recovery-code",
		texts: map[string]string{
			"pageTitle":             "Enter your recovery code to log in | ${clientName}",
			"title":                 "Verify Your Identity",
			"description":           "Enter the recovery code you were provided during your initial enrollment.",
			"placeholder":           "Enter your recovery code",
			"buttonText":            "Continue",
			"pickAuthenticatorText": "Try another method",
			"logoAltText":           "${companyName}",
		},
	},
	RecoveryEnrollment: {
		prompt: "mfa-recovery-code",
		texts: map[string]string{
			"pageTitle":    "Copy your recovery code for safe keeping | ${clientName}",
			"title":        "Almost There!",
			"description":  "Copy this recovery code and keep it somewhere safe. You'll need it if you ever need to log in without your device.",
			"altText":      "Secure code to copy",
			"checkboxText": "I have safely recorded this code",
			"buttonText":   "Continue",
			"logoAltText":  "${companyName}",
		},
	},
	PlatformChallenge: {
		prompt: "mfa-webauthn",
		texts: map[string]string{
			"pageTitle":             "Use fingerprint or face recognition to login | ${clientName}",
			"title":                 "Use Fingerprint or Face Recognition to Verify your Identity",
			"description":           "Press the button below and follow your browser's steps to log in.",
			"continueButtonText":    "Continue",
			"pickAuthenticatorText": "Try another method",
			"logoAltText":           "${companyName}",
		},
	},
	RoamingChallenge: {
		prompt: "mfa-webauthn",
		texts: map[string]string{
			"pageTitle":             "Use your security key to log in | ${clientName}",
			"title":                 "Verify Your Identity",
			"description":           "Make sure your Security Key is nearby. Once you continue, you will be prompted to use it.",
			"continueButtonText":    "Use security key",
			"pickAuthenticatorText": "Try another method",
			"logoAltText":           "${companyName}",
		},
	},
}

// factorTexts are the keys of the names of factors.
var factorTexts = map[string]string{
	"webauthn-platform": "authenticatorNamesWebauthnPlatform",
	"webauthn-roaming":  "authenticatorNamesWebauthnRoaming",
	"otp":               "authenticatorNamesOTP",
	"email":             "authenticatorNamesEmail",
	"recovery-code":     "authenticatorNamesRecoveryCode",
}

// SaysFactor is the name of a factor.
func (v View) SaysFactor(kind string) (string, error) { return v.Says(factorTexts[kind]) }
