package relyingparty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// problemKey names an error that a visitor sees. Keys are stable: pages carry them
// in data-error, the ceremony endpoints in "error".
type problemKey string

const (
	problemEmailInUse        problemKey = "email-in-use"
	problemNoEmail           problemKey = "no-email"
	problemNoPhone           problemKey = "no-phone"
	problemNoUsername        problemKey = "no-username"
	problemNoIdentifier      problemKey = "no-login-id"
	problemInvalidPhone      problemKey = "invalid-phone-number"
	problemInvalidUsername   problemKey = "invalid-username"
	problemInvalidIdentifier problemKey = "invalid-login-id"
	problemInvalidEmail      problemKey = "invalid-email"
	problemNoPassword        problemKey = "no-password"
	problemNoNewPassword     problemKey = "no-password-reset"
	problemWeakPassword      problemKey = "password-too-weak"
	problemWrongCredentials  problemKey = "wrong-credentials"
	problemAccountLimited    problemKey = "too-many-failures"
	problemTooManyEmail      problemKey = "too-many-email"
	problemTooManyCodes      problemKey = "too-many-codes"
	problemNoCode            problemKey = "no-code"
	problemCodeFormat        problemKey = "invalid-otp-code-format"
	problemRecoveryFormat    problemKey = "invalid-code-format"
	problemWrongCode         problemKey = "invalid-code"
	problemNoConfirmation    problemKey = "no-confirmation"
	problemNoTransaction     problemKey = "transaction-not-found"
	problemWebAuthnFactor    problemKey = "webauthn-challenge-error"
	problemTicketUsed        problemKey = "auth0-users-used-ticket"
	problemTicketExpired     problemKey = "auth0-users-expired-ticket"
	problemTicketInvalid     problemKey = "auth0-users-invalid-ticket"

	problemPasskeyRefused   problemKey = "passkey-authentication-failed"
	problemInvalidPasskey   problemKey = "invalid-passkey"
	problemPasskeysOff      problemKey = "passkey-not-allowed"
	problemPasswordOff      problemKey = "password-not-allowed"
	problemSignUpOff        problemKey = "signup-not-allowed"
	problemResetOff         problemKey = "password-reset-not-allowed"
	problemEnrollment       problemKey = "passkey-enrollment-failure"
	problemTooManyPasskeys  problemKey = "passkey-enrollment-max-allowed-reached"
	problemUpgradeOff       problemKey = "upgrade-not-allowed"
	problemNotSigningUp     problemKey = "no-sign-up"
	problemInvalidName      problemKey = "invalid-name"
	problemNoSuchPasskey    problemKey = "no-such-passkey"
	problemNoSuchFactor     problemKey = "no-such-factor"
	problemUnknownClient    problemKey = "unknown-client"
	problemCallback         problemKey = "callback-mismatch"
	problemReturnTo         problemKey = "return-to-mismatch"
	problemTooManyRequests  problemKey = "too-many-requests"
	problemSessionEnded     problemKey = "session-ended"
	problemForeignOrigin    problemKey = "foreign-origin"
	problemForeignHost      problemKey = "foreign-host"
	problemTooLarge         problemKey = "too-large"
	problemWrongContentType problemKey = "wrong-content-type"
	problemBadRequest       problemKey = "bad-request"
	problemNotFound         problemKey = "not-found"
	problemWrongMethod      problemKey = "wrong-method"
	problemInternal         problemKey = "internal"
)

// words are the status and text of each key.
var words = map[problemKey]struct {
	status int
	text   string
}{
	problemEmailInUse:        {http.StatusConflict, "The user already exists."},
	problemNoEmail:           {http.StatusUnprocessableEntity, "Please enter an email address"},
	problemNoPhone:           {http.StatusUnprocessableEntity, "Please enter a phone number"},
	problemNoUsername:        {http.StatusUnprocessableEntity, "Please enter a username"},
	problemNoIdentifier:      {http.StatusUnprocessableEntity, "Please enter what you log in with"},
	problemInvalidPhone:      {http.StatusUnprocessableEntity, "Enter a valid phone number, with the country code after a +"},
	problemInvalidUsername:   {http.StatusUnprocessableEntity, "Enter a valid username"},
	problemInvalidIdentifier: {http.StatusUnprocessableEntity, "Enter a valid login ID"},
	problemNoPassword:        {http.StatusUnprocessableEntity, "Password is required"},
	problemNoNewPassword:     {http.StatusUnprocessableEntity, "Enter a new password."},
	problemInvalidEmail:      {http.StatusUnprocessableEntity, "Enter a valid email address"},
	problemWeakPassword:      {http.StatusUnprocessableEntity, "The password is too weak"},
	problemWrongCredentials:  {http.StatusUnauthorized, "Wrong email or password"},
	problemAccountLimited:    {http.StatusTooManyRequests, "Too many attempts for this account. Wait a few minutes, or log in with a passkey."},
	problemTooManyEmail:      {http.StatusTooManyRequests, "You have exceeded the amount of emails. Wait a few minutes and try again."},
	problemTooManyCodes:      {http.StatusTooManyRequests, "Too many failed codes. Wait for some minutes before retrying."},
	problemNoCode:            {http.StatusUnprocessableEntity, "Please enter a code"},
	problemCodeFormat:        {http.StatusUnprocessableEntity, "OTP Code must have 6 numeric characters"},
	problemRecoveryFormat:    {http.StatusUnprocessableEntity, "Recovery code must have 24 alphanumeric characters"},
	problemWrongCode:         {http.StatusUnauthorized, "The code you entered is invalid"},
	problemNoConfirmation:    {http.StatusUnprocessableEntity, "Please confirm you have recorded the code"},
	problemNoTransaction:     {http.StatusForbidden, "That took too long. Please log in again."},
	problemWebAuthnFactor:    {http.StatusUnauthorized, "Something went wrong. Please try again or try using another method."},
	problemTicketUsed:        {http.StatusGone, "This ticket was already used."},
	problemTicketExpired:     {http.StatusGone, "This ticket was expired."},
	problemTicketInvalid:     {http.StatusNotFound, "This link is not valid. Request a new one."},

	problemPasskeyRefused:   {http.StatusUnauthorized, "Passkey authentication failed"},
	problemInvalidPasskey:   {http.StatusBadRequest, "Something went wrong. Please try again later."},
	problemPasskeysOff:      {http.StatusForbidden, "Passkey is not allowed"},
	problemPasswordOff:      {http.StatusForbidden, "Password is not allowed"},
	problemSignUpOff:        {http.StatusForbidden, "Public signup is disabled."},
	problemResetOff:         {http.StatusForbidden, "Passwords cannot be reset here. Ask whoever runs this site."},
	problemEnrollment:       {http.StatusBadRequest, "Something went wrong. Please try again later."},
	problemTooManyPasskeys:  {http.StatusConflict, "You have created the maximum number of passkeys for your account."},
	problemUpgradeOff:       {http.StatusForbidden, "A passkey without asking is made after a login with a password only."},
	problemNotSigningUp:     {http.StatusConflict, "Start again: enter your email address on the sign-up page first."},
	problemInvalidName:      {http.StatusUnprocessableEntity, "Give the passkey a name of 1 to 60 characters."},
	problemNoSuchPasskey:    {http.StatusNotFound, "Your account has no such passkey any more."},
	problemNoSuchFactor:     {http.StatusNotFound, "Your account has no such second factor any more."},
	problemUnknownClient:    {http.StatusBadRequest, "There is no application with this client ID."},
	problemCallback:         {http.StatusBadRequest, "Callback URL mismatch. The address is not among the application's callbacks."},
	problemReturnTo:         {http.StatusBadRequest, "The address to return to is not among the application's logout URLs."},
	problemTooManyRequests:  {http.StatusTooManyRequests, "Too many requests from your network. Wait a moment and try again."},
	problemSessionEnded:     {http.StatusForbidden, "Your session has ended. Reload the page and try again."},
	problemForeignOrigin:    {http.StatusForbidden, "This request came from another website and was not carried out."},
	problemForeignHost:      {http.StatusMisdirectedRequest, "This site is not served under that name."},
	problemTooLarge:         {http.StatusRequestEntityTooLarge, "The request is too large."},
	problemWrongContentType: {http.StatusUnsupportedMediaType, "The request has the wrong content type."},
	problemBadRequest:       {http.StatusBadRequest, "The request could not be understood."},
	problemNotFound:         {http.StatusNotFound, "There is no such page."},
	problemWrongMethod:      {http.StatusMethodNotAllowed, "This page is not for requests of this kind."},
	problemInternal:         {http.StatusInternalServerError, "Something went wrong on our side. Please try again later."},
}

// hints tell a visitor what to do about a refused passkey.
var hints = map[ceremony.Reason]string{
	ceremony.ReasonChallengeExpired:    "That took too long. Please try again.",
	ceremony.ReasonChallengeUsed:       "This answer was used before. Please try again.",
	ceremony.ReasonChallengeUnknown:    "The page was out of date. Reload it and try again.",
	ceremony.ReasonUnknownCredential:   "This passkey is not registered here any more. Use another passkey or your password.",
	ceremony.ReasonUserVerification:    "Your device did not verify that it is you. Use your fingerprint, face or PIN and try again.",
	ceremony.ReasonUserPresence:        "Your device did not confirm that you are there. Please try again.",
	ceremony.ReasonCounter:             "This passkey may have been copied and is not accepted. Use another passkey or your password.",
	ceremony.ReasonOrigin:              "The passkey was used on another website.",
	ceremony.ReasonCrossOrigin:         "The passkey was used inside another website.",
	ceremony.ReasonRPIDHash:            "The passkey belongs to another website.",
	ceremony.ReasonRPID:                "This passkey was made for another address of this site. Log in another way, and create a passkey for this address.",
	ceremony.ReasonUserHandle:          "The passkey names another account.",
	ceremony.ReasonDuplicateCredential: "This passkey is registered already.",
	ceremony.ReasonAlgorithm:           "Your device made a kind of passkey that is not supported here.",
	ceremony.ReasonMayBeSynced:         "Passkeys that are synced to other devices may not be used here. Use a security key.",
	ceremony.ReasonDeviceBound:         "Passkeys that stay on one device may not be used here. Use a password manager's.",
	ceremony.ReasonBackupLost:          "Your passkey is not backed up any more. Use another one, or your password.",
	ceremony.ReasonUnattested:          "Your device did not say what it is, and not every device may be used here. Use another one.",
	ceremony.ReasonModelUnknown:        otherModel,
	ceremony.ReasonModelUntrusted:      otherModel,
	ceremony.ReasonModelMismatch:       otherModel,
	ceremony.ReasonModelStatus:         "This kind of device is not considered safe any more. Use another one.",
	ceremony.ReasonModelSoftware:       "Only devices that keep passkeys in hardware may be used here. Use a security key.",
	ceremony.ReasonModelDenied:         otherModel,
	ceremony.ReasonMetadata:            "It cannot be found out at present which devices may be used here.",
}

// otherModel is what can be done about a device that may not be used.
const otherModel = "This kind of device may not be used here. Use another one."

// fallbackHint goes with every reason that a visitor could do nothing about.
const fallbackHint = "The answer of your device could not be verified. Try again, or use your password."

// problem is an error that a visitor is to see.
type problem struct {
	key    problemKey
	reason ceremony.Reason // why a passkey was refused, if that is what happened
	cause  error           // for the operator's eyes only
	signal *unknownJSON    // what the page is to tell the device; nil for nothing
}

func fail(key problemKey) *problem { return &problem{key: key} }

// failBecause is fail with what led to it, which goes to the operator's log.
func failBecause(key problemKey, cause error) *problem {
	return &problem{key: key, cause: cause, reason: ceremony.ReasonOf(cause)}
}

func (p *problem) Error() string {
	if p.cause == nil {
		return "relyingparty: " + string(p.key)
	}
	return fmt.Sprintf("relyingparty: %s: %v", p.key, p.cause)
}

func (p *problem) Unwrap() error { return p.cause }

func (p *problem) status() int { return words[p.key].status }

// text is what the visitor reads.
func (p *problem) text() string {
	base := words[p.key].text
	if p.reason == "" {
		return base
	}
	hint, ok := hints[p.reason]
	if !ok {
		hint = fallbackHint
	}
	return strings.TrimSuffix(base, ".") + ". " + hint
}

// details is what the tenant log says about it.
func (p *problem) details() *ErrorDetails {
	d := &ErrorDetails{Message: words[p.key].text, Code: string(p.key), Reason: p.reason}
	var refused *ceremony.Refusal
	if errors.As(p.cause, &refused) {
		d.Message = refused.Explain()
	}
	return d
}
