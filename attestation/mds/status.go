package mds

// Status is what is known of a model (MDS §3.1.4, AuthenticatorStatus).
type Status string

// The values. Those under "undesired" say that the model, or one batch of it, is
// not to be trusted any more.
const (
	NotFIDOCertified       Status = "NOT_FIDO_CERTIFIED"
	SelfAssertionSubmitted Status = "SELF_ASSERTION_SUBMITTED"
	FIDOCertified          Status = "FIDO_CERTIFIED" // of the time before levels
	FIDOCertifiedL1        Status = "FIDO_CERTIFIED_L1"
	FIDOCertifiedL1plus    Status = "FIDO_CERTIFIED_L1plus"
	FIDOCertifiedL2        Status = "FIDO_CERTIFIED_L2"
	FIDOCertifiedL2plus    Status = "FIDO_CERTIFIED_L2plus"
	FIDOCertifiedL3        Status = "FIDO_CERTIFIED_L3"
	FIDOCertifiedL3plus    Status = "FIDO_CERTIFIED_L3plus"
	FIPS140CertifiedL1     Status = "FIPS140_CERTIFIED_L1"
	FIPS140CertifiedL2     Status = "FIPS140_CERTIFIED_L2"
	FIPS140CertifiedL3     Status = "FIPS140_CERTIFIED_L3"
	FIPS140CertifiedL4     Status = "FIPS140_CERTIFIED_L4"
	UpdateAvailable        Status = "UPDATE_AVAILABLE"

	// undesired
	UserVerificationBypass    Status = "USER_VERIFICATION_BYPASS"
	AttestationKeyCompromise  Status = "ATTESTATION_KEY_COMPROMISE"
	UserKeyRemoteCompromise   Status = "USER_KEY_REMOTE_COMPROMISE"
	UserKeyPhysicalCompromise Status = "USER_KEY_PHYSICAL_COMPROMISE"
	Revoked                   Status = "REVOKED"
	Retired                   Status = "RETIRED"
)

// Statuses returns every status, those that are undesired last.
func Statuses() []Status {
	return []Status{
		NotFIDOCertified, SelfAssertionSubmitted, FIDOCertified,
		FIDOCertifiedL1, FIDOCertifiedL1plus, FIDOCertifiedL2, FIDOCertifiedL2plus, FIDOCertifiedL3, FIDOCertifiedL3plus,
		FIPS140CertifiedL1, FIPS140CertifiedL2, FIPS140CertifiedL3, FIPS140CertifiedL4, UpdateAvailable,
		UserVerificationBypass, AttestationKeyCompromise, UserKeyRemoteCompromise, UserKeyPhysicalCompromise, Revoked, Retired,
	}
}

// Undesired reports whether a relying party should no longer admit what has the
// status.
func (s Status) Undesired() bool {
	switch s {
	case UserVerificationBypass, AttestationKeyCompromise, UserKeyRemoteCompromise, UserKeyPhysicalCompromise, Revoked, Retired:
		return true
	}
	return false
}
