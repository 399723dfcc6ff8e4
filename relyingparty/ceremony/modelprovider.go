package ceremony

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/go-webauthn/webauthn/metadata"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/internal/blob"
)

// modelCheck holds one authenticator to metadata under rules: it is what go-webauthn
// asks for an entry and for the checks to make. It serves one ceremony, on one
// goroutine.
type modelCheck struct {
	blob  *blob.BLOB
	rules *ModelRules
	now   time.Time
	only  ModelCheck // the only check to make; "" for those of the rules
	// claimed says that no certificate shows which batch the authenticator is of, so
	// that what concerns one batch is passed over.
	claimed bool

	found   *blob.Model             // what go-webauthn asked for last
	reports []metadata.StatusReport // what it held against the rules last
}

var _ metadata.ExtendedProvider = (*modelCheck)(nil)

func (c *modelCheck) makes(check ModelCheck) bool {
	return c.rules.makes(check) && (c.only == "" || c.only == check)
}

func (c *modelCheck) find(m *blob.Model) (*metadata.Entry, error) {
	if m == nil {
		return nil, nil
	}
	c.found = m
	return m.Entry, m.Err
}

// GetEntry implements [metadata.Provider].
func (c *modelCheck) GetEntry(_ context.Context, id uuid.UUID) (*metadata.Entry, error) {
	return c.find(c.blob.ByAAGUID(id))
}

// GetEntryByKeyIdentifier implements [metadata.ExtendedProvider].
func (c *modelCheck) GetEntryByKeyIdentifier(_ context.Context, id string) (*metadata.Entry, error) {
	return c.find(c.blob.ByKeyIdentifier(id))
}

// ValidateStatusReports implements [metadata.Provider] by the relying party's clock.
func (c *modelCheck) ValidateStatusReports(_ context.Context, reports []metadata.StatusReport) error {
	if c.claimed && c.rules.makes(CheckBatch) {
		reports = slices.DeleteFunc(slices.Clone(reports), func(r metadata.StatusReport) bool {
			return r.Certificate != nil || r.BatchCertificate != nil
		})
	}
	c.reports = reports
	return metadata.ValidateStatusReportsAt(reports, nil, c.rules.undesired(), c.now)
}

// The checks, one by one. Lookups are part of all of them.

func (c *modelCheck) GetValidateEntry(context.Context) bool {
	return c.makes(CheckEntry) && !c.rules.AdmitUnknown
}
func (c *modelCheck) GetValidateEntryPermitZeroAAGUID(context.Context) bool { return false }
func (c *modelCheck) GetValidateEntryKeyIdentifier(context.Context) bool {
	return c.rules.makes(CheckKeyIdentifier)
}
func (c *modelCheck) GetValidateAttestationTypes(context.Context) bool { return c.makes(CheckTypes) }
func (c *modelCheck) GetValidateStatus(context.Context) bool           { return c.makes(CheckStatus) }
func (c *modelCheck) GetValidateStatusCertificateScope(context.Context) bool {
	return c.rules.makes(CheckBatch)
}
func (c *modelCheck) GetValidateTrustAnchor(context.Context) bool { return c.makes(CheckTrust) }
func (c *modelCheck) GetValidateAAGUID(context.Context) bool      { return c.makes(CheckAAGUID) }
func (c *modelCheck) GetValidateAttestationFormats(context.Context) bool {
	return c.makes(CheckFormats)
}
func (c *modelCheck) GetValidateBackupEligibility(context.Context) bool { return c.makes(CheckBackup) }
func (c *modelCheck) GetValidateAlgorithms(context.Context) bool        { return c.makes(CheckAlgorithms) }
func (c *modelCheck) GetValidateExtensions(context.Context) bool        { return c.makes(CheckExtensions) }
func (c *modelCheck) GetValidateUserVerification(context.Context) bool {
	return c.makes(CheckVerification)
}
