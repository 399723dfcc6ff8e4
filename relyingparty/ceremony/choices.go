package ceremony

// The choices that WebAuthn leaves to a relying party, beside those of backup.

// UserVerification is the requirement put into the options (WebAuthn L3 §5.8.6).
type UserVerification string

const (
	VerificationRequired    UserVerification = "required"
	VerificationPreferred   UserVerification = "preferred"
	VerificationDiscouraged UserVerification = "discouraged"
)

// Attestation is the conveyance preference of registrations (WebAuthn L3 §5.4.7).
type Attestation string

const (
	AttestationNone       Attestation = "none"
	AttestationDirect     Attestation = "direct"
	AttestationEnterprise Attestation = "enterprise" // as direct where the browser knows the relying party for no enterprise
)

// CounterPolicy says what a signature counter that fails to grow means
// (WebAuthn L3 §6.1.1).
type CounterPolicy string

const (
	CounterRefuse CounterPolicy = "refuse" // the login is refused
	CounterWarn   CounterPolicy = "warn"   // the login succeeds, and its [Assertion] says so
)
