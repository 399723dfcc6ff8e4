package profile

import (
	"strings"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Kind is what sort of product a profile is about. It decides what is taken for what
// nobody says: see [Profile.Model].
type Kind string

// The kinds.
const (
	Platform    Kind = "platform"     // part of an operating system or a browser
	Provider    Kind = "provider"     // keeps passkeys in an account, wherever its user is
	SecurityKey Kind = "security-key" // roams
)

var kinds = oneOf(Platform, Provider, SecurityKey)

// Verification is how a product knows its user.
type Verification string

// The ways.
const (
	VerifiesNobody      Verification = "none"
	VerifiesByPIN       Verification = "client-pin" // the PIN of CTAP, entered at the computer
	VerifiesEnrolled    Verification = "enrolled"   // a fingerprint of CTAP, and the PIN beside it
	VerifiesWhenAsked   Verification = "built-in"
	VerifiesAlways      Verification = "always"  // built-in, whatever the relying party asks for
	VerificationClaimed Verification = "claimed" // says so whenever somebody is there, and does not look who it is
)

var verifications = []Verification{
	VerifiesNobody, VerifiesByPIN, VerifiesEnrolled, VerifiesWhenAsked, VerifiesAlways, VerificationClaimed,
}

// Counter is what a product's signature counters count.
type Counter string

// The ways.
const (
	CounterGlobal        Counter = "global" // one for the device
	CounterPerCredential Counter = "per-credential"
	CounterZero          Counter = "zero" // always 0
)

var counters = map[Counter]authenticator.CounterStyle{
	CounterGlobal: authenticator.CounterGlobal, CounterPerCredential: authenticator.CounterPerCredential, CounterZero: authenticator.CounterZero,
}

// Types of attestation (WebAuthn L3 §6.5.4).
const (
	AttestsNothing        = "none"
	AttestsSelf           = "self"             // signed with the credential's own key
	AttestsBasic          = "basic"            // by a key that many devices share
	AttestsByCA           = "attestation-ca"   // by a key that a CA vouches for
	AttestsAnonymously    = "anonymization-ca" // by a key made for the one credential
	AttestsByOrganization = "organization"     // by an identity that an organization gave the device
)

var attestationTypes = []string{AttestsNothing, AttestsSelf, AttestsBasic, AttestsByCA, AttestsAnonymously, AttestsByOrganization}

// Formats of attestation statements (WebAuthn L3 §8), whether or not our devices
// make them.
const (
	formatTPM        = "tpm"
	formatAndroidKey = "android-key"
	formatApple      = "apple"
)

// Attestation is what a product answers when it is asked to attest. Certificates
// are named by their subjects.
type Attestation struct {
	Format string   // of the statement, as WebAuthn spells it
	Type   string   // AttestsNothing and so on
	Chain  []string // x5c, the leaf first; nil = there is none, or it is not known
	Root   string   // not in x5c; "" = there is none, or it is not known
}

// Brief is "packed, basic".
func (a Attestation) Brief() string {
	if a.Type == a.Format {
		return a.Format // none
	}
	return a.Format + ", " + a.Type
}

// String is "packed, basic: leaf < intermediate; root".
func (a Attestation) String() string {
	var out strings.Builder
	out.WriteString(a.Brief())
	if len(a.Chain) > 0 {
		out.WriteString(": " + strings.Join(a.Chain, " < "))
	}
	if a.Root != "" {
		out.WriteString("; root: " + a.Root)
	}
	return out.String()
}
