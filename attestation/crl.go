package attestation

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"time"
)

// crlPeriod is how long a revocation list is good for.
const crlPeriod = 7 * 24 * time.Hour

// CRL issues the authority's certificate revocation list (RFC 5280 §5) as of now,
// in DER: the certificates with these serial numbers were revoked a day before,
// because their keys were compromised. Such a list is for relying parties that look
// revocations up: serve it where the certificates' CRLDistributionPoints say.
func (a *Authority) CRL(now time.Time, revoked ...*big.Int) ([]byte, error) {
	const keyCompromise = 1
	list := &x509.RevocationList{Number: big.NewInt(now.Unix()), ThisUpdate: now, NextUpdate: now.Add(crlPeriod)}
	for _, serial := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: serial, RevocationTime: now.AddDate(0, 0, -1), ReasonCode: keyCompromise})
	}
	der, err := x509.CreateRevocationList(nil, list, a.certificate, a.key.signer)
	if err != nil {
		return nil, fmt.Errorf("attestation: revocation list of %s: %w", a.certificate.Subject, err)
	}
	return der, nil
}
