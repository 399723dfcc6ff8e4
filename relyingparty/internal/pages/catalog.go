package pages

import "maps"

// The texts of the screens that the product lets an operator word: each screen's keys
// and what they say by default, as
// https://auth0.com/docs/customize/login-pages/universal-login/customize-text-elements
// has them. Where that page and the product's own pictures of its screens differ (the
// greeting, full stops after titles and buttons), the pictures are followed.
//
// wording is what is known of one screen's texts.
type wording struct {
	prompt string            // that the screen belongs to
	texts  map[string]string // by key
}

// catalog is by screen. The screens that it lacks are not the product's.
var catalog = joined(loginCatalog, factorCatalog)

func joined(all ...map[string]wording) map[string]wording {
	out := map[string]wording{}
	for _, one := range all {
		maps.Copy(out, one)
	}
	return out
}

// loginCatalog are the texts of logging in and signing up, and of what comes with these.
var loginCatalog = map[string]wording{
	SignUpID: {
		prompt: "signup-id",
		texts: map[string]string{
			"pageTitle":                   "Sign up | ${clientName}",
			"title":                       "Welcome",
			"description":                 "Sign Up to ${companyName} to continue to ${clientName}.",
			"emailPlaceholder":            "Email address",
			"phonePlaceholder":            "Phone number",
			"usernamePlaceholder":         "Username",
			"emailOptionalPlaceholder":    "Email address (optional)",
			"phoneOptionalPlaceholder":    "Phone number (optional)",
			"usernameOptionalPlaceholder": "Username (optional)",
			"buttonText":                  "Continue",
			"loginActionText":             "Already have an account?",
			"loginActionLinkText":         "Log in",
			"logoAltText":                 "${companyName}",
		},
	},
	SignUpPassword: {
		prompt: "signup-password",
		texts: map[string]string{
			"pageTitle":                  "Create a password to sign up | ${clientName}",
			"title":                      "Create Your Account",
			"description":                "Set your password for ${companyName} to continue to ${clientName}",
			"editEmailText":              "Edit",
			"editLinkScreenReadableText": "Edit email address",
			"passwordPlaceholder":        "Password",
			"passwordSecurityText":       "Your password must contain:",
			"showPasswordText":           "Show password",
			"hidePasswordText":           "Hide password",
			"buttonText":                 "Continue",
			"loginActionText":            "Already have an account?",
			"loginActionLinkText":        "Log in",
			"backButtonText":             "Go back",
			"logoAltText":                "${companyName}",
		},
	},
	LoginID: {
		prompt: "login-id",
		texts: map[string]string{
			"pageTitle":                         "Log in | ${clientName}",
			"title":                             "Welcome",
			"description":                       "Log in to ${companyName} to continue to ${clientName}.",
			"emailPlaceholder":                  "Email address",
			"phonePlaceholder":                  "Phone number",
			"usernameOnlyPlaceholder":           "Username",
			"usernameOrEmailPlaceholder":        "Username or email address",
			"phoneOrEmailPlaceholder":           "Phone number or email address",
			"phoneOrUsernamePlaceholder":        "Phone number or username",
			"phoneOrUsernameOrEmailPlaceholder": "Phone number, username or email address",
			"forgotPasswordText":                "Forgot password?",
			"buttonText":                        "Continue",
			"signupActionText":                  "Don't have an account?",
			"signupActionLinkText":              "Sign up",
			"separatorText":                     "OR",
			"passkeyButtonText":                 "Continue with a passkey",
			"logoAltText":                       "${companyName}",
		},
	},
	LoginPassword: {
		prompt: "login-password",
		texts: map[string]string{
			"pageTitle":                  "Enter your password to log in | ${clientName}",
			"title":                      "Enter Your Password",
			"description":                "Enter your password for ${companyName} to continue to ${clientName}",
			"editEmailText":              "Edit",
			"editLinkScreenReadableText": "Edit email address",
			"passwordPlaceholder":        "Password",
			"showPasswordText":           "Show password",
			"hidePasswordText":           "Hide password",
			"forgotPasswordText":         "Forgot password?",
			"buttonText":                 "Continue",
			"signupActionText":           "Don't have an account?",
			"signupActionLinkText":       "Sign up",
			"logoAltText":                "${companyName}",
		},
	},
	Enrollment: {
		prompt: "passkeys",
		texts: map[string]string{
			"pageTitle":                  "Log in | ${clientName}",
			"title":                      "Create a passkey for ${clientName} on this device",
			"description":                "",
			"passkeyBenefit1Title":       "No need to remember a password",
			"passkeyBenefit1ImgAltText":  "Webauthn platform icon",
			"passkeyBenefit1Description": "With passkeys, you can use things like your fingerprint or face to login.",
			"passkeyBenefit2Title":       "Works on all of your devices",
			"passkeyBenefit2ImgAltText":  "Device globe",
			"passkeyBenefit2Description": "Passkeys will automatically be available across your synced devices.",
			"passkeyBenefit3Title":       "Keep your account safer",
			"passkeyBenefit3ImgAltText":  "Shield with check mark",
			"passkeyBenefit3Description": "Passkeys offer state-of-the-art phishing resistance.",
			"createButtonText":           "Create a passkey",
			"continueButtonText":         "Continue without passkeys",
			"createButtonResetText":      "Create a new passkey",
			"usePasswordButtonText":      "Create a new password",
			"backButtonText":             "Go back",
			"checkboxText":               "Don't show me this again",
			"logoAltText":                "${companyName}",
		},
	},
	LocalEnrollment: {
		prompt: "passkeys",
		texts: map[string]string{
			"pageTitle":                  "Log in | ${clientName}",
			"title":                      "Create a passkey for ${clientName} on this device",
			"description":                "",
			"passkeyBenefit1Title":       "Sign in quickly with this device",
			"passkeyBenefit1ImgAltText":  "Lock",
			"passkeyBenefit1Description": "You won't need to use another device's passkey next time you sign in.",
			"passkeyBenefit2Title":       "No need to remember a password",
			"passkeyBenefit2ImgAltText":  "Webauthn platform icon",
			"passkeyBenefit2Description": "With passkeys, you can use things like your fingerprint or face to login.",
			"createButtonText":           "Create a new passkey",
			"continueButtonText":         "Continue without a new passkey",
			"checkboxText":               "Don't show me this again",
			"logoAltText":                "${companyName}",
		},
	},
	ResetRequest: {
		prompt: "reset-password",
		texts: map[string]string{
			"pageTitle":           "Reset your password | ${clientName}",
			"title":               "Forgot Your Password?",
			"descriptionEmail":    "Enter your email address and we will send you instructions to reset your password.",
			"placeholderEmail":    "Email address",
			"buttonText":          "Continue",
			"backToLoginLinkText": "Back to ${clientName}",
			"logoAltText":         "${companyName}",
		},
	},
	ResetEmail: {
		prompt: "reset-password",
		texts: map[string]string{
			"pageTitle":        "Check your email | ${clientName}",
			"title":            "Check Your Email",
			"emailDescription": "Please check the email address ${email} for instructions to reset your password.",
			"resendLinkText":   "Resend email",
			"backButtonText":   "Go back",
			"logoAltText":      "${companyName}",
		},
	},
	Reset: {
		prompt: "reset-password",
		texts: map[string]string{
			"pageTitle":            "Reset your password | ${clientName}",
			"title":                "Change Your Password",
			"description":          "Enter a new password below to change your password.",
			"passwordPlaceholder":  "New password",
			"passwordSecurityText": "Your password must contain:",
			"showPasswordText":     "Show password",
			"hidePasswordText":     "Hide password",
			"buttonText":           "Reset password",
			"logoAltText":          "${companyName}",
		},
	},
	ResetSuccess: {
		prompt: "reset-password",
		texts: map[string]string{
			"pageTitle":   "Password reset successful | ${clientName}",
			"eventTitle":  "Password Changed!",
			"description": "Your password has been changed successfully.",
			"buttonText":  "Back to ${clientName}",
			"logoAltText": "${companyName}",
		},
	},
	ResetError: {
		prompt: "reset-password",
		texts: map[string]string{
			"pageTitle":           "Password reset error | ${clientName}",
			"eventTitleExpired":   "Link Expired",
			"descriptionExpired":  `To reset your password, return to the login page and select "Forgot Your Password" to send a new email.`,
			"eventTitleUsed":      "Invalid Link",
			"descriptionUsed":     `This link has already been used. To reset your password, return to the login page and select "Forgot Your Password" to send a new email.`,
			"eventTitleGeneric":   "Please Try Again",
			"descriptionGeneric":  `Something went wrong. Please return to the login page and select "Forgot Your Password" to try again.`,
			"backToLoginLinkText": "Back to ${clientName}",
			"logoAltText":         "${companyName}",
		},
	},
}
