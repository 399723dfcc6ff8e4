package mds

// Payload is what a BLOB says (MDS §3.1.6).
type Payload struct {
	LegalHeader string  `json:"legalHeader"`
	Number      int     `json:"no"` // one more with every change
	NextUpdate  Date    `json:"nextUpdate"`
	Entries     []Entry `json:"entries"`
}

// Entry is what is known of one model (MDS §3.1.1). It is named by one of AAID
// (UAF), AAGUID (FIDO2) and AttestationCertificateKeyIdentifiers (U2F).
type Entry struct {
	AAID                                 string                  `json:"aaid,omitempty"`
	AAGUID                               string                  `json:"aaguid,omitempty"`                               // with hyphens
	AttestationCertificateKeyIdentifiers []string                `json:"attestationCertificateKeyIdentifiers,omitempty"` // SHA-1 in hexadecimal
	MetadataStatement                    *Statement              `json:"metadataStatement,omitempty"`
	BiometricStatusReports               []BiometricStatusReport `json:"biometricStatusReports,omitempty"`
	StatusReports                        []StatusReport          `json:"statusReports"`          // oldest first
	TimeOfLastStatusChange               Date                    `json:"timeOfLastStatusChange"` // filled in by the service where it is zero
	RogueListURL                         string                  `json:"rogueListURL,omitempty"`
	RogueListHash                        string                  `json:"rogueListHash,omitempty"` // see [RogueList.Hash]
}

// StatusReport says that a model has, or has had, a status (MDS §3.1.3).
type StatusReport struct {
	Status                           Status   `json:"status"`
	EffectiveDate                    Date     `json:"effectiveDate,omitzero"`
	AuthenticatorVersion             uint32   `json:"authenticatorVersion,omitempty"` // of the firmware that the report is about
	BatchCertificate                 []byte   `json:"batchCertificate,omitempty"`     // DER; limits the report to one batch
	Certificate                      []byte   `json:"certificate,omitempty"`          // DER
	URL                              string   `json:"url,omitempty"`
	CertificationDescriptor          string   `json:"certificationDescriptor,omitempty"`
	CertificateNumber                string   `json:"certificateNumber,omitempty"`
	CertificationPolicyVersion       string   `json:"certificationPolicyVersion,omitempty"`
	CertificationProfiles            []string `json:"certificationProfiles,omitempty"`
	CertificationRequirementsVersion string   `json:"certificationRequirementsVersion,omitempty"`
	SunsetDate                       Date     `json:"sunsetDate,omitzero"`    // when the status ends by itself
	FIPSRevision                     uint32   `json:"fipsRevision,omitempty"` // with FIPS140_CERTIFIED_… only, as the next
	FIPSPhysicalSecurityLevel        uint32   `json:"fipsPhysicalSecurityLevel,omitempty"`
}

// BiometricStatusReport says that one way of recognising people is certified
// (MDS §3.1.2).
type BiometricStatusReport struct {
	CertLevel                        uint16 `json:"certLevel"`
	Modality                         string `json:"modality"` // as in UserVerificationMethod
	EffectiveDate                    Date   `json:"effectiveDate,omitzero"`
	CertificationDescriptor          string `json:"certificationDescriptor,omitempty"`
	CertificateNumber                string `json:"certificateNumber,omitempty"`
	CertificationPolicyVersion       string `json:"certificationPolicyVersion,omitempty"`
	CertificationRequirementsVersion string `json:"certificationRequirementsVersion,omitempty"`
}

// names reports whether two entries are about the same model.
func (e *Entry) names(other *Entry) bool {
	switch {
	case e.AAGUID != "" || other.AAGUID != "":
		return e.AAGUID == other.AAGUID
	case e.AAID != "" || other.AAID != "":
		return e.AAID == other.AAID
	}
	for _, id := range e.AttestationCertificateKeyIdentifiers {
		for _, its := range other.AttestationCertificateKeyIdentifiers {
			if id == its {
				return true
			}
		}
	}
	return false
}
