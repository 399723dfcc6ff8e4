package ceremony

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/internal/blob"
)

// modelCheck begins a check under rules; nil when there are none.
func (c *Ceremonies) modelCheck(rules *ModelRules) (*modelCheck, error) {
	if rules == nil {
		return nil, nil
	}
	if c.metadata == nil {
		return nil, refuse(ReasonMetadata, nil)
	}
	b, err := c.metadata.current()
	if err != nil {
		return nil, refuse(ReasonMetadata, err)
	}
	return &modelCheck{blob: b, rules: rules, now: c.clock()}, nil
}

// provider is what go-webauthn is given: nothing where there is nothing to check.
func (c *modelCheck) provider() metadata.Provider {
	if c == nil {
		return nil
	}
	return c
}

// explain says what metadata have against an attestation that go-webauthn refused
// because of cause; nil when they have nothing against it. go-webauthn decides, in
// free text, so it is asked again with one check at a time.
func (c *modelCheck) explain(a *protocol.AttestationObject, cause error) error {
	if c == nil || a.Type == "" { // then the statement itself does not verify
		return nil
	}
	id := modelOf(&a.AuthData)
	certificates, _ := a.AttStatement["x5c"].([]any)
	for _, check := range ModelChecks() {
		one := *c
		one.only, one.found, one.reports = check, nil, nil
		refused := protocol.ValidateMetadataWithAuthenticatorData(context.Background(), &one, uuid.UUID(id), a.Type, a.Format, certificates, &a.AuthData)
		if refused != nil {
			return one.refusal(id, a, cause)
		}
	}
	return nil
}

// refusal is the error of the one check that was made.
func (c *modelCheck) refusal(id AAGUID, a *protocol.AttestationObject, cause error) error {
	name := c.name(id)
	switch {
	case c.found != nil && c.found.Err != nil:
		return refuseModel(ReasonModelUnknown, cause, "The metadata of the model %s cannot be read: %v.", id, c.found.Err)
	case c.only == CheckEntry:
		return refuseModel(ReasonModelUnknown, cause, "There are no metadata of the model %s.", id)
	case c.only == CheckStatus:
		return refuseModel(ReasonModelStatus, cause, "%s %s.", name, c.statuses())
	case c.only == CheckTrust:
		return refuseModel(ReasonModelUntrusted, cause, "The attestation certificate does not lead to a root of %s.", name)
	case c.only == CheckTypes:
		return refuseModel(ReasonModelMismatch, cause, "The attestation is of type %s, which %s does not make.", a.Type, name)
	}
	return refuseModel(ReasonModelMismatch, cause, "%s "+contradictions[c.only]+".", name)
}

// contradictions say what an authenticator did that its model does not do.
var contradictions = map[ModelCheck]string{
	CheckAAGUID:       "has metadata that name several models",
	CheckFormats:      "does not make attestation statements of this format",
	CheckBackup:       "cannot back passkeys up, as this one says of itself",
	CheckAlgorithms:   "does not make passkeys with this algorithm",
	CheckExtensions:   "does not have the extensions that answered",
	CheckVerification: "cannot verify users, as this one says it did",
}

// name is how the log calls the model found.
func (c *modelCheck) name(id AAGUID) string {
	if c.found == nil || c.found.Entry == nil || c.found.Entry.MetadataStatement.Description == "" {
		return "The model " + id.String()
	}
	return fmt.Sprintf("%q (%s)", printable.Line(c.found.Entry.MetadataStatement.Description), id)
}

// statuses says which undesired statuses the model has, and since when.
func (c *modelCheck) statuses() string {
	var said []string
	for _, r := range metadata.EffectiveStatusReports(c.reports, c.now) {
		if !slices.Contains(c.rules.undesired(), r.Status) {
			continue
		}
		one := string(r.Status)
		if r.EffectiveDate != nil {
			one += " since " + r.EffectiveDate.Format("2006-01-02")
		}
		said = append(said, one)
	}
	return "is " + strings.Join(said, ", ")
}

// admit makes those decisions that go-webauthn has no switches for, on an
// attestation that it found nothing wrong with.
func (c *modelCheck) admit(a *protocol.AttestationObject) error {
	if c == nil {
		return nil
	}
	id := modelOf(&a.AuthData)
	if a.Type == string(metadata.None) {
		if !c.rules.AdmitUnknown || c.rules.HardwareBacked || len(c.rules.Allow) > 0 {
			return refuse(ReasonUnattested, nil)
		}
		return c.admitClaim(id)
	}
	if c.rules.denies(id) {
		return c.refuseDenied(id)
	}
	if c.found == nil && len(c.rules.Allow) > 0 { // nothing shows that it is of a model that is allowed
		return refuseModel(ReasonModelUnknown, nil, "There are no metadata of the model %s, which is allowed, to prove it by.", id)
	}
	if err := c.admitIssuer(id, a); err != nil {
		return err
	}
	if c.rules.HardwareBacked {
		return c.admitHardware(id, a)
	}
	return nil
}

func (c *modelCheck) refuseDenied(id AAGUID) error {
	return refuseModel(ReasonModelDenied, nil, "%s is not among the models that may be used.", c.name(id))
}

// admitIssuer looks for a report on one batch that names who issued the attestation
// certificate. go-webauthn counts it only where that certificate is sent along, too,
// and a root is not.
func (c *modelCheck) admitIssuer(id AAGUID, a *protocol.AttestationObject) error {
	if c.found == nil || !c.rules.makes(CheckStatus) || !c.rules.makes(CheckBatch) {
		return nil
	}
	sent := certificatesOf(a)
	for _, r := range metadata.EffectiveStatusReports(c.found.Entry.StatusReports, c.now) {
		if slices.Contains(c.rules.undesired(), r.Status) && (issued(r.BatchCertificate, sent) || issued(r.Certificate, sent)) {
			c.reports = []metadata.StatusReport{r}
			return refuseModel(ReasonModelStatus, nil, "%s %s.", c.name(id), c.statuses())
		}
	}
	return nil
}

// issued reports whether one of the certificates is signed by another.
func issued(by *x509.Certificate, all []*x509.Certificate) bool {
	return by != nil && slices.ContainsFunc(all, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(by) == nil })
}

// certificatesOf are the certificates of a statement that go-webauthn has verified.
func certificatesOf(a *protocol.AttestationObject) (all []*x509.Certificate) {
	sent, _ := a.AttStatement["x5c"].([]any)
	for _, der := range sent {
		if der, is := der.([]byte); is {
			if c, err := x509.ParseCertificate(der); err == nil {
				all = append(all, c)
			}
		}
	}
	return all
}

// admitHardware is [ModelRules.HardwareBacked].
func (c *modelCheck) admitHardware(id AAGUID, a *protocol.AttestationObject) error {
	var lacks string
	switch {
	case c.found == nil:
		lacks = "is not known"
	case !inHardware(c.found.Entry.MetadataStatement.KeyProtection):
		lacks = "does not keep its keys in hardware"
	case c.found.Entry.MetadataStatement.MultiDeviceCredentialSupport == metadata.MultiDeviceCredentialImplicit || a.AuthData.Flags.HasBackupEligible():
		lacks = "does not keep this passkey to itself"
	case !(metadata.AuthenticatorAttestationTypes{metadata.AuthenticatorAttestationType(a.Type)}).HasCertificateTrustPath():
		lacks = "has attested without a certificate, which anything can"
	default:
		return nil
	}
	return refuseModel(ReasonModelSoftware, nil, "%s %s.", c.name(id), lacks)
}

// inHardware reads KEY_PROTECTION of the FIDO Registry of Predefined Values 2.2.
func inHardware(words []string) bool {
	return !slices.Contains(words, "software") &&
		(slices.Contains(words, "hardware") || slices.Contains(words, "tee") || slices.Contains(words, "secure_element"))
}

// admitClaim looks at a model that nothing shows an authenticator to be of: nobody
// claims to be worse than he is, so what is against the model counts.
func (c *modelCheck) admitClaim(id AAGUID) error {
	c.claimed, c.only = true, CheckStatus
	refused := protocol.ValidateMetadata(context.Background(), c, uuid.UUID(id), "", "", nil)
	switch {
	case c.rules.denies(id):
		return c.refuseDenied(id)
	case refused != nil:
		return c.refusal(id, nil, refused)
	}
	return nil
}

// checkLogin looks again at the model of a credential on record.
func (c *Ceremonies) checkLogin(rules *ModelRules, known *Credential) error {
	if rules == nil {
		return nil
	}
	var id AAGUID
	copy(id[:], known.AAGUID)
	if id == (AAGUID{}) { // of no model that metadata could be asked for
		if rules.denies(id) {
			return refuseModel(ReasonModelDenied, nil, "A passkey of a model that is not known is not among those that may be used.")
		}
		return nil
	}
	check, err := c.modelCheck(rules)
	if err != nil { // without metadata nothing is known against anybody
		check = &modelCheck{blob: new(blob.BLOB), rules: rules, now: c.clock()}
	}
	if m := check.blob.ByAAGUID(uuid.UUID(id)); m != nil && m.Err != nil { // nor with those that cannot be read
		return nil
	}
	return check.admitClaim(id)
}

func modelOf(auth *protocol.AuthenticatorData) AAGUID {
	var id AAGUID
	copy(id[:], auth.AttData.AAGUID)
	return id
}

func refuseModel(reason Reason, cause error, format string, args ...any) error {
	return &Refusal{Reason: reason, Detail: fmt.Sprintf(format, args...), Cause: cause}
}
