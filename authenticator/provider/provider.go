package provider

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Provider says how a passkey provider behaves. It is data: copy one of [All]
// and change what should differ. The zero value, given a name, follows WebAuthn
// to the letter: it syncs what is backup eligible, at once, to every device that
// is signed in.
type Provider struct {
	ID     string // permanent: lower case, with hyphens; "" for one of your own
	Name   string
	AAGUID webauthn.AAGUID // of passkeys made with it; relying parties keep it, exports do not carry it
	Basis  string          // where it is known from, and what of it is assumed

	Platforms  []Platform           // devices that it runs on; nil = all
	Algorithms []webauthn.Algorithm // keys that it takes; nil = all
	Syncs      Reach
	Attests    bool // new passkeys are attested as the device attests; otherwise not at all
	Counts     bool // a passkey with a counter above zero syncs too, and goes on counting

	Backup   Backup
	SameUser SameUser
	Edits    EditRule
	Boundary Boundary
	Leave    Parting // of passkeys, when a device signs out
	Removal  Parting // of passkeys, when a device is removed from afar and hears of it
	Signals  Signals
	Upgrades bool // makes a passkey beside a password that it has just filled in, when a site asks for that (conditional create())
	Lag      Lag
}

// Platform is what a device runs.
type Platform string

// The platforms.
const (
	Apple    Platform = "Apple"
	Android  Platform = "Android"
	Windows  Platform = "Windows"
	ChromeOS Platform = "ChromeOS"
	Linux    Platform = "Linux"
)

// Reach says which passkeys leave the device that made them.
type Reach int

// The reaches. Whatever the reach, a passkey that is not backup eligible stays
// where it is (WebAuthn L3 §6.1.3), unless the provider's flags are wrong; see
// [Backup].
const (
	SyncsAll Reach = iota
	SyncsDiscoverable
	SyncsNothing // a keystore of one device
)

// Backup is how a provider shows backup eligibility (BE) and backup state (BS)
// after registration, and over time (WebAuthn L3 §6.1.3).
type Backup struct {
	Eligible Eligibility
	State    BackupState
	// Flagless is of apps that keep no flags with a passkey: whoever reads it
	// shows Default. So two apps, or two versions of one, show different flags.
	Flagless bool
	Default  Flags // shown for passkeys that no flags were kept with
}

// Flags are BE and BS.
type Flags struct{ Eligible, BackedUp bool }

// Eligibility is what BE a passkey shows. WebAuthn has it decided for good when
// the passkey is made; the others have been seen.
type Eligibility int

// The kinds of eligibility.
const (
	EligibleAsMade             Eligibility = iota
	EligibleOnceStored                     // 0 until the account has the passkey, 1 from then on
	EligibleAtRegistrationOnly             // 1 when it is made, 0 in every assertion
)

// BackupState is what BS a passkey shows.
type BackupState int

// The states. BackedUpAsMade is of providers whose devices say so at once, while
// nothing has left them yet.
const (
	BackedUpAsMade     BackupState = iota
	BackedUpOnceStored             // from the moment that the account has it
	BackedUpElsewhere              // while another device of the account has it too
)

// SameUser says what becomes of two discoverable passkeys for one user handle of
// one relying party, made on two devices that did not know of each other.
type SameUser int

// The rules.
const (
	KeepsBoth     SameUser = iota
	NewestWins             // the older one is deleted
	NewestShadows          // the older one stays in the account, unseen for as long as there is a newer one
)

// EditRule says what counts when one device deletes a passkey and another, which
// has not heard of it, changes it.
type EditRule int

// The rules.
const (
	DeleteWins EditRule = iota
	EditWins
)

// Boundary says who can read the passkeys of an account.
type Boundary struct {
	Sealed   bool // a device needs a key, which signing in does not give it
	Approval bool // a device that has the key can hand it on to another
	Recovery bool // the account's recovery secret gives it
	Tries    int  // wrong secrets until the account cannot be recovered with it any more; 0 = any number
}

// Parting is what becomes of synced passkeys on a device that leaves.
type Parting int

// The partings.
const (
	Forgets Parting = iota
	Keeps           // as copies that nobody syncs any more
)

// Signals says what a provider does when a relying party signals (WebAuthn L3
// §5.1.10).
type Signals struct {
	Unknown  Reaction // to signalUnknownCredential
	Accepted Reaction // to signalAllAcceptedCredentials, for those not in the list
	Details  bool     // signalCurrentUserDetails renames
}

// Reaction is what becomes of a passkey that the relying party does not accept.
type Reaction int

// The reactions. A hidden passkey comes back when a later list has it again.
const (
	Ignores Reaction = iota
	Hides
	Removes
)

// Lag is how long a change takes from device to device, for accounts that follow
// a clock. The zero value is at once.
type Lag struct {
	Up, Down time.Duration // to the account, and from there to each device
	Spread   time.Duration // each delivery takes up to so much longer, the same each run
}

// Check reports a setting that no provider could have.
func (p Provider) Check() error {
	switch {
	case p.Name == "":
		return errors.New("provider: Name is missing")
	case p.Lag.Up < 0 || p.Lag.Down < 0 || p.Lag.Spread < 0:
		return fmt.Errorf("provider: %s: Lag is negative", p.Name)
	case p.Boundary.Tries < 0:
		return fmt.Errorf("provider: %s: Boundary.Tries counts something: 0 means any number", p.Name)
	case !p.Boundary.Sealed && (p.Boundary != Boundary{}):
		return fmt.Errorf("provider: %s: Boundary has settings but is not Sealed", p.Name)
	case p.Backup.Default.BackedUp && !p.Backup.Default.Eligible:
		return fmt.Errorf("provider: %s: Backup.Default is backed up but not eligible (WebAuthn L3 §6.1.3)", p.Name)
	}
	return nil
}

// Equip returns what model is once the provider's app is on the device: the
// passkeys that it makes then have the provider's AAGUID, flags and algorithms,
// do not count (WebAuthn L3 §6.1.1), and attest nothing unless the provider does. It
// takes credential IDs of any length, as others make them.
func (p Provider) Equip(model authenticator.Model) authenticator.Model {
	made := p.made()
	model.AAGUID, model.BackupEligible, model.BackedUp = p.AAGUID, made.Eligible, made.BackedUp
	if p.Syncs == SyncsNothing {
		return model
	}
	model.NonDiscoverable, model.Counter = authenticator.Stored, authenticator.CounterZero
	model.MaxCredentialIDLength = webauthn.MaxCredentialID // other devices make longer ones, which come here too
	if !p.Attests {
		model.Attestation, model.Attesters, model.AttestationFormats = nil, nil, []string{webauthn.FormatNone}
	}
	if p.Algorithms != nil {
		model.Algorithms = slices.Clone(p.Algorithms)
	}
	return model
}

// made is what flags a passkey shows when it is made.
func (p *Provider) made() Flags {
	switch {
	case p.Syncs == SyncsNothing:
		return Flags{}
	case p.Backup.Flagless:
		return p.Backup.Default
	case p.Backup.Eligible == EligibleOnceStored:
		return Flags{}
	}
	return Flags{Eligible: true, BackedUp: p.Backup.State == BackedUpAsMade}
}

// runsOn reports whether there is an app for a platform. A device that does not
// say what it runs is not asked.
func (p *Provider) runsOn(platform Platform) bool {
	return platform == "" || p.Platforms == nil || slices.Contains(p.Platforms, platform)
}

// takes reports whether the provider knows an algorithm.
func (p *Provider) takes(algorithm webauthn.Algorithm) bool {
	return p.Algorithms == nil || slices.Contains(p.Algorithms, algorithm)
}

// stays returns why a passkey stays on the device that made it, "" if it does
// not.
func (p *Provider) stays(c *authenticator.Credential) string {
	switch truthful := !p.Backup.Flagless && p.Backup.Eligible != EligibleOnceStored; {
	case p.Syncs == SyncsNothing:
		return p.Name + " syncs nothing"
	case truthful && !c.BackupEligible:
		return "it is bound to its device (BE is 0)"
	case p.Syncs == SyncsDiscoverable && !c.Discoverable:
		return "it is not discoverable"
	case c.SignCount != 0 && !p.Counts:
		return fmt.Sprintf("its counter stands at %d", c.SignCount)
	case !p.takes(c.Algorithm):
		return fmt.Sprintf("%s knows no %s", p.Name, c.Algorithm)
	}
	return ""
}
