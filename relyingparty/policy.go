package relyingparty

import (
	"errors"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// ChallengeUI says what the login page offers to ask for a passkey with.
type ChallengeUI string

const (
	ChallengeBoth     ChallengeUI = "both"     // the browser's autofill and a button
	ChallengeAutofill ChallengeUI = "autofill" // autofill only
	ChallengeButton   ChallengeUI = "button"   // a button only; no conditional request is made
)

// SecondFactor says when a login takes a second factor.
type SecondFactor string

const (
	SecondFactorNever  SecondFactor = "never"
	SecondFactorAlways SecondFactor = "always" // after a password and after a passkey alike
)

// Policy is what an operator of the site decides. It can be changed while the site
// runs; requests in progress finish under the policy they started with.
//
// Logging in with the password is no switch here: it always stays available beside
// passkeys, so that losing a device never means losing the account.
type Policy struct {
	Passkeys              bool // may be used at all
	SignUp                bool // strangers may make accounts
	PasswordSignUp        bool // and choose a password in place of a passkey
	PasswordOptional      bool // an account that a program makes needs no password
	PasswordReset         bool // users may have themselves mailed a link
	Tenant                Tenant
	ChallengeUI           ChallengeUI
	ProgressiveEnrollment bool // offer a passkey after a password login
	LocalEnrollment       bool // offer a passkey for this device after a login with another device's
	ResetEnrollment       bool // offer a passkey in place of a new password to who follows a mailed link; not by default
	// Upgrade has the page after a login with a password ask for a passkey without a
	// word to the user (conditional create()); it replaces no offer.
	Upgrade             bool
	Signals             bool // tell authenticators which passkeys are accepted and what the user is called
	UserVerification    ceremony.UserVerification
	UpgradeVerification ceremony.UserVerification // of a passkey made by Upgrade, when nobody is asked
	Attestation         ceremony.Attestation
	// Models says which authenticator models may be used; nil for any. It needs
	// Config.Metadata and an Attestation other than none, and must not be changed
	// once it is in force.
	Models        *ceremony.ModelRules
	CounterPolicy ceremony.CounterPolicy
	Backup        ceremony.BackupPolicy     // which passkeys may be made and used
	BackupLoss    ceremony.BackupLossPolicy // what it means that one is backed up no longer
	Hints         ceremony.Hints            // which kind of authenticator browsers offer first
	MaxPasskeys   int                       // per account
	SecondFactor  SecondFactor              // when one is asked for
	// PasskeySuffices leaves the second factor out of a login with a passkey, as an
	// Action after the login would, which has looked for one among its methods.
	PasskeySuffices bool

	ChallengeLifetime  time.Duration // of a challenge for a modal prompt; also the options' timeout
	AutofillLifetime   time.Duration // of a challenge waiting behind the email field
	EnrollmentInterval time.Duration // before a declined enrolment is offered again
	ResetLinkLifetime  time.Duration // of a mailed link
	FactorLifetime     time.Duration // of a login that waits for its second factor
	MailedCodeLifetime time.Duration // of a code that is a second factor
	SessionLifetime    time.Duration // of a browser session, from its last request
	SessionMaximum     time.Duration // of a browser session, from the login
}

// DefaultPolicy is the policy of a connection on which passkeys were just switched on.
func DefaultPolicy() Policy {
	return Policy{
		Passkeys:              true,
		SignUp:                true,
		PasswordSignUp:        true,
		PasswordReset:         true,
		Tenant:                Tenant{UniversalLogin: true, IdentifierFirst: true, Password: true},
		ChallengeUI:           ChallengeBoth,
		ProgressiveEnrollment: true,
		LocalEnrollment:       true,
		Signals:               true,
		UserVerification:      ceremony.VerificationRequired,
		UpgradeVerification:   ceremony.VerificationPreferred,
		Attestation:           ceremony.AttestationNone,
		CounterPolicy:         ceremony.CounterRefuse,
		Backup:                ceremony.BackupAny,
		BackupLoss:            ceremony.BackupLossWarn,
		MaxPasskeys:           20,
		SecondFactor:          SecondFactorNever,
		ChallengeLifetime:     time.Minute,
		AutofillLifetime:      5 * time.Minute,
		EnrollmentInterval:    30 * 24 * time.Hour,
		ResetLinkLifetime:     24 * time.Hour,
		FactorLifetime:        10 * time.Minute,
		MailedCodeLifetime:    5 * time.Minute,
		SessionLifetime:       12 * time.Hour,
		SessionMaximum:        7 * 24 * time.Hour,
	}
}

// autofill reports whether the login page makes a conditional request.
func (p Policy) autofill() bool { return p.Passkeys && p.ChallengeUI != ChallengeButton }

// button reports whether the login page has a passkey button.
func (p Policy) button() bool { return p.Passkeys && p.ChallengeUI != ChallengeAutofill }

// resetEnrollment reports whether a mailed link leads to the offer of a passkey. Where
// there is a second factor, a link must not be enough to get a new one.
func (p Policy) resetEnrollment() bool {
	return p.Passkeys && p.ResetEnrollment && p.SecondFactor == SecondFactorNever
}

func (p Policy) validate() error {
	return errors.Join(
		p.possible(),
		p.Tenant.Identifiers.validate(),
		oneOf("ChallengeUI", p.ChallengeUI, ChallengeBoth, ChallengeAutofill, ChallengeButton),
		oneOf("UserVerification", p.UserVerification, ceremony.VerificationRequired, ceremony.VerificationPreferred, ceremony.VerificationDiscouraged),
		oneOf("UpgradeVerification", p.UpgradeVerification, ceremony.VerificationRequired, ceremony.VerificationPreferred, ceremony.VerificationDiscouraged),
		oneOf("Attestation", p.Attestation, ceremony.AttestationNone, ceremony.AttestationDirect, ceremony.AttestationEnterprise),
		inField("Models", p.Models.Validate()),
		p.attested(),
		oneOf("CounterPolicy", p.CounterPolicy, ceremony.CounterRefuse, ceremony.CounterWarn),
		oneOf("Backup", p.Backup, ceremony.BackupAny, ceremony.BackupDeviceBound, ceremony.BackupEligible),
		oneOf("BackupLoss", p.BackupLoss, ceremony.BackupLossWarn, ceremony.BackupLossRefuse),
		inField("Hints", p.Hints.Validate()),
		oneOf("SecondFactor", p.SecondFactor, SecondFactorNever, SecondFactorAlways),
		atLeast("MaxPasskeys", p.MaxPasskeys, 1),
		atLeast("ChallengeLifetime", p.ChallengeLifetime, time.Second),
		atLeast("AutofillLifetime", p.AutofillLifetime, time.Second),
		atLeast("EnrollmentInterval", p.EnrollmentInterval, 0),
		atLeast("ResetLinkLifetime", p.ResetLinkLifetime, time.Second),
		atLeast("FactorLifetime", p.FactorLifetime, time.Second),
		atLeast("MailedCodeLifetime", p.MailedCodeLifetime, time.Second),
		atLeast("SessionLifetime", p.SessionLifetime, time.Second),
		atLeast("SessionMaximum", p.SessionMaximum, time.Second),
	)
}

// possible reports passkeys that are on where they cannot be, and a site without any
// way in.
func (p Policy) possible() error {
	if p.Passkeys {
		return p.Tenant.unready()
	}
	if !p.Tenant.Password {
		return errors.New("relyingparty: Policy.Tenant.Password cannot be off without Policy.Passkeys: nobody could log in")
	}
	return nil
}

// attested reports a policy that asks for models without asking which model it is.
func (p Policy) attested() error {
	if p.Models != nil && p.Attestation == ceremony.AttestationNone {
		return errors.New("relyingparty: Policy.Models needs Policy.Attestation direct or enterprise")
	}
	return nil
}

func oneOf[T ~string](field string, got T, allowed ...T) error {
	for _, a := range allowed {
		if got == a {
			return nil
		}
	}
	return fmt.Errorf("relyingparty: Policy.%s is %q, it must be one of %q", field, got, allowed)
}

// inField says in which field something is wrong, if it is.
func inField(field string, wrong error) error {
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("relyingparty: Policy.%s: %w", field, wrong)
}

func atLeast[T int | time.Duration](field string, got, least T) error {
	if got < least {
		return fmt.Errorf("relyingparty: Policy.%s is %v, it must be at least %v", field, got, least)
	}
	return nil
}
