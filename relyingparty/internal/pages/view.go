package pages

import (
	"slices"
	"strings"
)

// Screens, by the names that the body carries in data-screen. Each is a template.
const (
	Home            = "home"
	SignUpID        = "signup-id"
	SignUpPassword  = "signup-password"
	Enrollment      = "passkey-enrollment"
	LocalEnrollment = "passkey-enrollment-local"
	LoginID         = "login-id"
	LoginPassword   = "login-password"
	ResetRequest    = "reset-password-request"
	ResetEmail      = "reset-password-email"
	Reset           = "reset-password"
	ResetSuccess    = "reset-password-success"
	ResetError      = "reset-password-error"
	Account         = "account"

	FactorOptions      = "mfa-login-options"
	OTPChallenge       = "mfa-otp-challenge"
	OTPEnrollment      = "mfa-otp-enrollment-qr"
	EmailChallenge     = "mfa-email-challenge"
	RecoveryChallenge  = "mfa-recovery-code-challenge"
	RecoveryEnrollment = "mfa-recovery-code-enrollment"
	PlatformChallenge  = "mfa-webauthn-platform-challenge"
	RoamingChallenge   = "mfa-webauthn-roaming-challenge"

	PRFDemo = "prf-demo"
	Log     = "log"
	Outbox  = "outbox"
	Error   = "error"
)

var screens = []string{
	Home, SignUpID, SignUpPassword, Enrollment, LocalEnrollment, LoginID, LoginPassword, ResetRequest, ResetEmail,
	Reset, ResetSuccess, ResetError, Account, PRFDemo, Log, Outbox, Error,
	FactorOptions, OTPChallenge, OTPEnrollment, EmailChallenge, RecoveryChallenge, RecoveryEnrollment, PlatformChallenge, RoamingChallenge,
}

// Variants of a screen, in data-variant: who is offered a passkey on
// passkey-enrollment, and what is wrong with the link on reset-password-error.
const (
	SigningUp   = "signup"
	Progressive = "progressive"
	Resetting   = "reset"

	LinkExpired = "expired"
	LinkUsed    = "used"
	LinkInvalid = "generic"
)

// View is what a screen shows. Only what applies to the screen is set.
type View struct {
	Screen, Variant string
	CSRF            string
	Company, Client string
	Texts           Texts // of the operator, of all prompts
	SignedIn        bool
	Operator        bool
	Faults          []string // that the site has on purpose

	Error  *Problem
	Email  string // or whatever else the user is known by
	Ticket string

	Signals string // JSON that the script tells authenticators; "" for nothing
	Upgrade bool   // the script asks for a passkey in silence

	Autofill, Button bool // what the login screen offers
	Offers           Offers

	EmailField, PhoneField, UsernameField Field // of signup-id; the zero values are the email address alone
	LogsInBy                              Kinds // on login-id; the zero value is the email address

	Factors []string // kinds of second factors that the account has
	SentTo  string   // address that a code was mailed to
	Secret  string   // to be copied by its user
	QR      QR       // the same as a drawing

	Account *AccountBody
	Note    *NoteBody // of prf-demo
	Log     []LogLine
	Filter  LogFilter
	Mails   []MailRow
}

// Field is one that people fill in to sign up.
type Field struct {
	Asked, Required bool
	Value           string
}

// AskedEmail is the field of the email address on signup-id.
func (v View) AskedEmail() Field {
	if v.EmailField.Asked || v.PhoneField.Asked || v.UsernameField.Asked {
		return v.EmailField
	}
	return Field{Asked: true, Required: true, Value: v.Email}
}

// Kinds are those of the identifiers that people log in with.
type Kinds struct{ Email, Phone, Username bool }

// Placeholder is the key of the text that names the identifiers.
func (k Kinds) Placeholder() string {
	switch k {
	case Kinds{Email: true, Phone: true, Username: true}:
		return "phoneOrUsernameOrEmailPlaceholder"
	case Kinds{Email: true, Phone: true}:
		return "phoneOrEmailPlaceholder"
	case Kinds{Phone: true, Username: true}:
		return "phoneOrUsernamePlaceholder"
	case Kinds{Email: true, Username: true}:
		return "usernameOrEmailPlaceholder"
	case Kinds{Phone: true}:
		return "phonePlaceholder"
	case Kinds{Username: true}:
		return "usernameOnlyPlaceholder"
	}
	return "emailPlaceholder"
}

// InputType is the type of their field.
func (k Kinds) InputType() string {
	switch k {
	case Kinds{}, Kinds{Email: true}:
		return "email"
	case Kinds{Phone: true}:
		return "tel"
	}
	return "text"
}

// Offers are the ways that policy leaves open, on every screen.
type Offers struct {
	SignUp         bool // to make an account
	PasswordSignUp bool // with a password in place of a passkey
	Reset          bool // to be mailed a link for a new password
}

// Problem is an error message.
type Problem struct{ Key, Text string }

// AccountBody is the account screen's content.
type AccountBody struct {
	Passkeys    []PasskeyRow
	Factors     []FactorRow
	HasPassword bool
	Full        bool // no more passkeys can be added
}

// NoteBody is the content of prf-demo.
type NoteBody struct {
	Facts      string // JSON that the script works with; "" where the user has no passkey
	Ciphertext string // base64url of the note that the site holds; "" for none
	Passkey    string // name of the passkey that opens it; "" where that is gone
}

// PasskeyRow is one passkey on the account screen.
type PasskeyRow struct {
	ID         string
	Credential string // credential ID in base64url
	Name       string
	Provider   string // empty when not known
	RPID       string
	Elsewhere  bool   // it is for another address than the one that is shown
	DeviceType string // single_device or multi_device
	BackedUp   bool
	Since      string // when BackedUp last changed; empty when it never has
	Created    string
	LastUsed   string // empty when never used
}

// FactorRow is one second factor on the account screen.
type FactorRow struct {
	ID       string
	Kind     string // otp, email or recovery-code
	Address  string // of an email
	Created  string
	LastUsed string // empty when never used
}

// Name is the factor as people call it.
func (f FactorRow) Name() string {
	switch f.Kind {
	case "otp":
		return "Authenticator app"
	case "email":
		return "Email"
	}
	return "Recovery code"
}

// Removable reports whether the factor can be taken away by itself.
func (f FactorRow) Removable() bool { return f.Kind != "recovery-code" }

// Backup is how the passkey stands with being backed up, for drivers.
func (p PasskeyRow) Backup() string {
	switch {
	case p.DeviceType == "single_device":
		return "device"
	case p.BackedUp:
		return "synced"
	}
	return "eligible"
}

// LogLine is one line on the tenant log screen.
type LogLine struct {
	Seq                                        int64
	Time, Type, Description, User, IP, Details string
	Failed                                     bool
}

// LogFilter says which lines the tenant log screen shows, and leads to others.
type LogFilter struct {
	Type, User, Text string
	Types            []string // to choose from
	Total            int      // of lines that fit
	Newer, Older     string   // paths; empty where there are none
}

// MailRow is one mail on the outbox screen.
type MailRow struct {
	Time, To, Subject, Text string
	Links                   []string
}

// Invalid reports whether the error is of what was typed, and not that it was typed
// too often.
func (v View) Invalid() bool { return v.Error != nil && !strings.HasPrefix(v.Error.Key, "too-many-") }

// UsesPasskeys reports whether the screen needs the script.
func (v View) UsesPasskeys() bool {
	switch v.Screen {
	case LoginID, Enrollment, LocalEnrollment, Account, PlatformChallenge, RoamingChallenge:
		return true
	}
	return v.Upgrade
}

// EncryptsNote reports whether the screen needs the script that encrypts.
func (v View) EncryptsNote() bool { return v.Screen == PRFDemo && v.Note != nil && v.Note.Facts != "" }

// AsksPassword reports whether the screen has a password field.
func (v View) AsksPassword() bool {
	return v.Screen == SignUpPassword || v.Screen == LoginPassword || v.Screen == Reset
}

// Spaced is the secret in groups of four characters.
func (v View) Spaced() string {
	var groups []string
	for group := range slices.Chunk([]byte(v.Secret), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// State is the screen's first data-state: the script, where there is one, says when
// the screen is ready.
func (v View) State() string {
	if v.UsesPasskeys() || v.EncryptsNote() {
		return "loading"
	}
	return "ready"
}

// AutofillState is the login screen's first data-autofill.
func (v View) AutofillState() string {
	if v.Autofill {
		return "loading"
	}
	return "off"
}

// OperatorsOwn reports whether the screen is for the operator alone.
func (v View) OperatorsOwn() bool { return v.Screen == Log || v.Screen == Outbox }

// Wide reports whether the screen is a list rather than a form.
func (v View) Wide() bool { return v.OperatorsOwn() || v.Screen == Account || v.Screen == PRFDemo }
