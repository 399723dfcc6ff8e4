package pages

import (
	"slices"
	"strings"
)

// otherKeys are the keys that each screen has besides those of the catalog: of texts
// for what does not exist here, which change nothing, and of errors, whose texts their
// handlers bring. In the product's documentation they stand in the same tables, but for
// invalid-email, which is ours.
var otherKeys = map[string][]string{
	SignUpID: keys(`separatorText federatedConnectionButtonText passwordPlaceholder passwordSecurityText`,
		signUpErrors, `no-hrd-connection no-identifier invalid-email`),
	SignUpPassword: keys(`separatorText federatedConnectionButtonText emailPlaceholder phonePlaceholder usernamePlaceholder
		emailOptionalPlaceholder usernameOptionalPlaceholder phoneOptionalPlaceholder editPhoneText editUsernameText
		invitationTitle invitationDescription accessibilityError accessibilityValid`,
		signUpErrors, `password-contains-user-information password-breached invalid-phone-attribute-config`),
	LoginID: keys(`federatedConnectionButtonText passwordPlaceholder usernamePlaceholder editEmailText alertListTitle`,
		loginErrors, `invalid-username invalid-login-id invalid-email-phone invalid-email-username invalid-phone-username
		invalid-email-phone-username no-hrd-connection invalid-phone-number conflict-password-passkey
		password-not-allowed passkey-not-allowed no-passkey passkey-authentication-failed invalid-passkey invalid-email`),
	LoginPassword: keys(`separatorText federatedConnectionButtonText usernamePlaceholder emailPlaceholder alertListTitle
		invitationTitle invitationDescription useBiometricsText`,
		loginErrors),
	Enrollment: keys(`email-in-use auth0-users-validation conflict-password-passkey password-not-allowed passkey-not-allowed
		invalid-passkey passkey-enrollment-failure passkey-enrollment-max-allowed-reached`),
	LocalEnrollment: keys(`error_passkey-enrollment-failure error_passkey-enrollment-max-allowed-reached`),
	ResetRequest: keys(`descriptionUsername placeholderUsername emailPlaceholder usernamePlaceholder phonePlaceholder
		phoneOrUsernameOrEmailPlaceholder phoneOrEmailPlaceholder phoneOrUsernamePlaceholder usernameOrEmailPlaceholder
		emailDescription usernameDescription phoneDescription phoneOrUsernameOrEmailDescription phoneOrEmailDescription
		phoneOrUsernameDescription usernameOrEmailDescription`,
		ticketErrors, `too-many-email too-many-requests reset-password-error no-email no-username no-phone_number
		invalid-phone-format invalid-login-id invalid-email-phone invalid-email`),
	ResetEmail: keys(`usernameDescription`),
	Reset: keys(`reEnterpasswordPlaceholder accessibilityError accessibilityValid`,
		ticketErrors, `no-password-reset no-re-enter-password password-contains-user-information password-breached-reset
		password-mismatch`),
	ResetError: keys(ticketErrors, `reset-password-error`),
	FactorOptions: keys(`backText authenticatorNamesSMS authenticatorNamesVoice authenticatorNamesPhone
		authenticatorNamesPushNotification authenticatorNamesDUO`),
	OTPChallenge:  keys(`rememberMeText usePasswordText invalid-otp-code-format invalid-code`, codeErrors),
	OTPEnrollment: keys(`pickAuthenticatorText invalid-otp-code-format invalid-code user-already-enrolled`, codeErrors),
	EmailChallenge: keys(`backText rememberMeText invalid-otp-code-format invalid-code no-transaction-in-progress too-many-email
		mfa-email-challenge-authenticator-error`, codeErrors),
	RecoveryChallenge:  keys(`invalid-code invalid-code-format no-confirmation`, codeErrors),
	RecoveryEnrollment: keys(`copyCodeButtonText no-confirmation`),
	PlatformChallenge: keys(`awaitingConfirmation too-many-webauthn-challenge-attempts-error usePasswordText rememberMeText
		webauthn-platform-challenge-error`),
	RoamingChallenge: keys(`awaitingConfirmation too-many-webauthn-challenge-attempts-error rememberMeText webauthn-challenge-error`),
}

// Errors that several screens have.
const (
	signUpErrors = `email-in-use password-too-weak password-policy-not-conformant password-too-common
		password-previously-used password-mismatch invalid-username invalid-username-max-length
		invalid-username-min-length invalid-username-invalid-characters invalid-username-email-not-allowed
		username-taken custom-script-error-code auth0-users-validation invalid-connection ip-blocked ip-signup-blocked
		no-db-connection no-email no-password no-password-reset no-re-enter-password no-username invalid-phone-number`
	loginErrors = `wrong-credentials wrong-email-credentials wrong-username-credentials wrong-phone-credentials
		wrong-email-username-credentials wrong-email-phone-username-credentials wrong-email-phone-credentials
		wrong-phone-username-credentials invalid-code invalid-expired-code custom-script-error-code
		auth0-users-validation authentication-failure invalid-connection ip-blocked no-db-connection password-breached
		user-blocked same-user-login no-email no-password no-username`
	codeErrors   = `authenticator-error too-many-failures transaction-not-found no-code`
	ticketErrors = `auth0-users-expired-ticket auth0-users-used-ticket auth0-users-validation custom-script-error-code`
)

func keys(lists ...string) []string { return strings.Fields(strings.Join(lists, " ")) }

// knownKey reports whether a screen has a text of this key.
func knownKey(screen, key string) bool {
	_, shown := catalog[screen].texts[key]
	return shown || slices.Contains(otherKeys[screen], key)
}
