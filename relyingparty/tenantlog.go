package relyingparty

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// EventType is the code of a tenant log line.
type EventType string

// The codes are those that an operator of the emulated product knows. Where its
// documentation names none, the choice is said here.
const (
	EventSignUp       EventType = "ss" // details.authentication_methods says passkey or pwd
	EventSignUpFailed EventType = "fs"

	EventLogin               EventType = "s" // details.prompts[].performed_amr says phr (passkey) or pwd
	EventLoginFailed         EventType = "f" // a refused passkey, our choice: details.error.reason says why
	EventLoginFailedPassword EventType = "fp"
	EventLoginFailedUser     EventType = "fu" // no such account
	EventLogout              EventType = "slo"
	EventLogoutFailed        EventType = "flo" // asked for by an application that may not

	EventPasskeyChallengeStarted EventType = "passkey_challenge_started" // by the native passkey API; details.purpose
	EventPasskeyChallengeFailed  EventType = "passkey_challenge_failed"

	EventPasskeyEnrolled         EventType = "gd_enrollment_complete" // a passkey, or a second factor, added to an existing account
	EventPasskeyEnrollmentFailed EventType = "gd_webauthn_enrollment_failed"
	EventPasskeyRemoved          EventType = "gd_unenroll" // our choice for passkeys

	EventFactorEnrollmentStarted EventType = "gd_start_enroll" // details.authenticator says of what
	EventFactorAsked             EventType = "gd_start_auth"
	EventFactorMailSent          EventType = "gd_send_email"
	EventFactorPassed            EventType = "gd_auth_succeed"
	EventFactorFailed            EventType = "gd_auth_failed"
	EventFactorLimited           EventType = "gd_otp_rate_limit_exceed" // too many wrong codes, or too many mails
	EventRecoveryPassed          EventType = "gd_recovery_succeed"
	EventRecoveryFailed          EventType = "gd_recovery_failed"
	EventRecoveryLimited         EventType = "gd_recovery_rate_limit_exceed"
	EventWebAuthnFactorFailed    EventType = "gd_webauthn_challenge_failed" // details.error says why

	EventPasswordChanged             EventType = "scp"
	EventPasswordChangeFailed        EventType = "fcp"
	EventPasswordChangeRequested     EventType = "scpr"
	EventPasswordChangeRequestFailed EventType = "fcpr"

	EventMailFailed EventType = "fn" // a mail that the mail server did not take; details.error says why

	EventSilentLogin       EventType = "ssa" // prompt=none
	EventSilentLoginFailed EventType = "fsa"

	EventExchangeCode          EventType = "seacft" // an application got tokens for an authorization code
	EventExchangeCodeFailed    EventType = "feacft"
	EventExchangeRefresh       EventType = "sertft" // and for a refresh token
	EventExchangeRefreshFailed EventType = "fertft"
	EventRefreshReused         EventType = "ferrt" // one that had been rotated

	EventExchangePasskeyOTP      EventType = "sepkotpft" // an application got tokens for a passkey and a second factor
	EventExchangePasskeyOOB      EventType = "sepkoobft"
	EventExchangePasskeyRecovery EventType = "sepkrcft"

	EventExchangeClientCredentials       EventType = "seccft" // a program got a token of its own
	EventExchangeClientCredentialsFailed EventType = "feccft"

	EventManagement       EventType = "sapi" // something was changed through the Management API; details.request
	EventManagementFailed EventType = "fapi"

	EventAccountLimited EventType = "limit_wc" // too many wrong passwords for one account
	EventAddressLimited EventType = "limit_mu" // too many requests from one address
)

// descriptions say each code in words.
var descriptions = map[EventType]string{
	EventSignUp:                          "Successful signup",
	EventSignUpFailed:                    "Failed signup",
	EventLogin:                           "Successful login",
	EventLoginFailed:                     "Failed login",
	EventLoginFailedPassword:             "Failed login, incorrect password",
	EventLoginFailedUser:                 "Failed login, unknown email",
	EventLogout:                          "Successful logout",
	EventLogoutFailed:                    "User logout failed",
	EventPasskeyChallengeStarted:         "Native passkey challenge was successfully initiated",
	EventPasskeyChallengeFailed:          "Native passkey challenge failed",
	EventPasskeyEnrolled:                 "Enrollment complete",
	EventPasskeyEnrollmentFailed:         "Passkey enrollment failed",
	EventPasskeyRemoved:                  "Authenticator removed",
	EventFactorEnrollmentStarted:         "Second factor enrollment started",
	EventFactorAsked:                     "Second factor started",
	EventFactorMailSent:                  "Code for a second factor sent by email",
	EventFactorPassed:                    "Second factor verified",
	EventFactorFailed:                    "Second factor failed",
	EventFactorLimited:                   "Second factor limited, too many codes",
	EventRecoveryPassed:                  "Recovery code verified",
	EventRecoveryFailed:                  "Recovery code failed",
	EventRecoveryLimited:                 "Recovery code limited, too many wrong ones",
	EventWebAuthnFactorFailed:            "WebAuthn second factor failed",
	EventExchangePasskeyOTP:              "Passkey and OTP challenge exchanged for an access token",
	EventExchangePasskeyOOB:              "Passkey and OOB challenge exchanged for an access token",
	EventExchangePasskeyRecovery:         "Passkey and MFA recovery code exchanged for an access token",
	EventPasswordChanged:                 "Password changed",
	EventPasswordChangeFailed:            "Password change failed",
	EventPasswordChangeRequested:         "Password change requested",
	EventPasswordChangeRequestFailed:     "Password change request failed",
	EventMailFailed:                      "Failed to send email notification",
	EventSilentLogin:                     "Successful silent authentication",
	EventSilentLoginFailed:               "Failed silent authentication",
	EventExchangeCode:                    "Authorization code exchanged for an access token",
	EventExchangeCodeFailed:              "Failed exchange of an authorization code for an access token",
	EventExchangeRefresh:                 "Refresh token exchanged for an access token",
	EventExchangeRefreshFailed:           "Failed exchange of a refresh token for an access token",
	EventRefreshReused:                   "Failed exchange of a rotating refresh token, used before",
	EventExchangeClientCredentials:       "Client credentials exchanged for an access token",
	EventExchangeClientCredentialsFailed: "Failed exchange of client credentials for an access token",
	EventManagement:                      "Successful API operation",
	EventManagementFailed:                "Failed API operation",
	EventAccountLimited:                  "Account limited, too many wrong passwords",
	EventAddressLimited:                  "Address limited, too many requests",
}

// EventTypes returns the codes of all lines there are, in alphabetical order.
func EventTypes() []EventType { return slices.Sorted(maps.Keys(descriptions)) }

// connectionName is the database connection all accounts live in.
const connectionName = "Username-Password-Authentication"

// Event is one line of the tenant log.
type Event struct {
	Seq         int64     `json:"log_id"` // ascending; the order of the log
	Time        time.Time `json:"date"`
	Type        EventType `json:"type"`
	Description string    `json:"description"`
	UserID      string    `json:"user_id,omitempty"`
	User        string    `json:"user_name,omitempty"` // email, also of somebody who has no account
	IP          string    `json:"ip"`
	UserAgent   string    `json:"user_agent"`
	Connection  string    `json:"connection"`
	ClientID    string    `json:"client_id,omitempty"` // of an application
	ClientName  string    `json:"client_name"`
	Hostname    string    `json:"hostname,omitempty"` // of the site that was asked
	Details     Details   `json:"details"`
}

// Details is what a line says beyond its type. Only what applies is set.
type Details struct {
	AuthenticationMethods []string              `json:"authentication_methods,omitempty"` // "passkey", "pwd"
	Prompts               []Prompt              `json:"prompts,omitempty"`
	Authenticator         *AuthenticatorDetails `json:"authenticator,omitempty"`
	Error                 *ErrorDetails         `json:"error,omitempty"`
	Warning               ceremony.Reason       `json:"warning,omitempty"`
	Purpose               string                `json:"purpose,omitempty"`   // of a native challenge: "register" or "login"
	Request               *RequestDetails       `json:"request,omitempty"`   // to the Management API
	Mediation             string                `json:"mediation,omitempty"` // "conditional" for a passkey in silence
	RelyingParty          *RelyingPartyDetails  `json:"relying_party,omitempty"`
	Audience              string                `json:"audience,omitempty"` // of an access token
	Scope                 string                `json:"scope,omitempty"`
}

// RequestDetails says what was asked of the Management API.
type RequestDetails struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// RelyingPartyDetails says what a change of an RP ID did.
type RelyingPartyDetails struct {
	Domain   string `json:"domain"`
	From     string `json:"from"`
	To       string `json:"to"`
	Unusable int    `json:"passkeys_unusable"` // that no domain of the site has the RP ID of any more
}

// Prompt is a step that a user took to log in.
type Prompt struct {
	Name         string   `json:"name"`
	PerformedAMR []string `json:"performed_amr"` // RFC 8176: "phr" for a passkey, "pwd" for a password, "mfa" for a second factor
	PerformedACR []string `json:"performed_acr,omitempty"`
	Flow         string   `json:"flow,omitempty"` // "universal-login", or "native" for the passkey API
	Connection   string   `json:"connection,omitempty"`
	ConnectionID string   `json:"connection_id,omitempty"`
	Strategy     string   `json:"strategy,omitempty"`
	SessionID    string   `json:"session_id,omitempty"` // names the browser's session; "" for the native API, which has none
	UserID       string   `json:"user_id,omitempty"`
	UserName     string   `json:"user_name,omitempty"`
	Identity     string   `json:"identity,omitempty"`    // the user ID without its provider
	InitiatedAt  int64    `json:"initiatedAt,omitempty"` // milliseconds since the Unix epoch, when the user was asked
	CompletedAt  int64    `json:"completedAt,omitempty"`
	ElapsedTime  int64    `json:"elapsedTime"` // between these, in milliseconds
	Stats        *Stats   `json:"stats,omitempty"`
}

// Stats count what a user has done.
type Stats struct {
	LoginsCount int `json:"loginsCount"` // this login included
}

// prompt is the step by which a user logs in now, who was asked at a moment; zero for now.
func (v *visit) prompt(name, amr string, u store.User, asked time.Time) Prompt {
	if asked.IsZero() {
		asked = v.now
	}
	flow, session := "universal-login", ""
	if v.kind.api() {
		flow = "native"
	} else {
		session = v.session.name()
	}
	return Prompt{
		Name: name, PerformedAMR: []string{amr}, Flow: flow, Connection: connectionName, ConnectionID: connectionID,
		Strategy: strategyName, UserID: u.ID, UserName: nameOf(u), Identity: identityOf(u), SessionID: session,
		InitiatedAt: asked.UnixMilli(), CompletedAt: v.now.UnixMilli(), ElapsedTime: v.now.Sub(asked).Milliseconds(), Stats: &Stats{u.Logins + 1},
	}
}

// identityOf is a user's ID at the database alone.
func identityOf(u store.User) string {
	_, bare, _ := strings.Cut(u.ID, "|")
	return bare
}

// AuthenticatorDetails says which passkey, or which second factor, a line is about.
type AuthenticatorDetails struct {
	Type       string `json:"type"`                               // "passkey", "otp", "email", "recovery-code", "webauthn-platform" or "webauthn-roaming"
	ID         string `json:"id,omitempty"`                       // as in [Passkey]
	Attachment string `json:"authenticator_attachment,omitempty"` // as the client reported it
	DeviceType string `json:"credential_device_type,omitempty"`   // "single_device" or "multi_device"
	BackedUp   *bool  `json:"credential_backed_up,omitempty"`     // at a login
}

// ErrorDetails says what went wrong.
type ErrorDetails struct {
	Message string          `json:"message"`
	Reason  ceremony.Reason `json:"reason,omitempty"` // when a passkey was refused
	Code    string          `json:"code,omitempty"`   // error key that the page showed
}

// Events lists the tenant log's lines with a sequence number above after, oldest
// first; Events(0) is the whole log, as far as it is kept (Config.LogRetention).
func (s *Site) Events(after int64) ([]Event, error) {
	return decodeEvents(s.store.EventsAfter(after))
}

// WaitEvents is Events, but waits until there is a line to return or ctx ends.
func (s *Site) WaitEvents(ctx context.Context, after int64) ([]Event, error) {
	return decodeEvents(s.store.WaitEvents(ctx, after))
}

func decodeEvents(rows []store.Event, err error) ([]Event, error) {
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = Event{
			Seq:         row.Seq,
			Time:        row.At,
			Type:        EventType(row.Type),
			Description: row.Description,
			UserID:      row.UserID,
			User:        row.UserName,
			IP:          row.IP,
			UserAgent:   row.UserAgent,
			Connection:  row.Connection,
			ClientID:    row.ClientID,
			ClientName:  row.ClientName,
			Hostname:    row.Hostname,
		}
		if err := json.Unmarshal(row.Details, &events[i].Details); err != nil {
			return nil, fmt.Errorf("relyingparty: tenant log line %d: %w", row.Seq, err)
		}
	}
	return events, nil
}

// subject is whom a log line is about.
type subject struct{ id, name string }

func subjectOf(u store.User) subject { return subject{u.ID, nameOf(u)} }

// event makes a log line about this visit.
func (v *visit) event(t EventType, who subject, d Details) store.Event {
	details, _ := json.Marshal(d) // cannot fail: there is nothing but text and numbers in it
	clientID, clientName := "", v.site.config.Client
	if app := v.forApplication(); app != nil {
		clientID, clientName = app.ID, app.Name
	}
	return store.Event{
		At:          v.now,
		Type:        string(t),
		Description: descriptions[t],
		UserID:      who.id,
		UserName:    printable.Line(who.name),
		IP:          v.ip(),
		UserAgent:   printable.Line(v.r.UserAgent()),
		Connection:  connectionName,
		ClientID:    clientID,
		ClientName:  clientName,
		Details:     details,
		Hostname:    v.at.name,
	}
}

// forApplication is the application that asks, or that waits for a browser; nil for
// none.
func (v *visit) forApplication() *Application {
	if a := v.awaited(); v.app == nil && a != nil {
		return a.app
	}
	return v.app
}

// record appends a line to the tenant log by itself.
func (v *visit) record(t EventType, who subject, d Details) error {
	return v.site.store.Update(func(tx *store.Tx) error { return tx.InsertEvent(v.event(t, who, d)) })
}
