package attestation

import (
	"cmp"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Makers of TPMs, and the service that vouches for them to Windows.

func (m *Makers) tpmRoot() (*Authority, error) {
	return m.authority("tpm", func() (*Authority, error) { return m.ca.tpmRoot(webauthn.RS256) })
}

// tpm is a computer's: products of one vendor differ by their names.
func (m *Makers) tpm(p Product) (Attester, error) {
	vendor := cmp.Or(p.Vendor, nuvoton)
	issuer, err := m.authority("tpm/"+vendor.ID, func() (*Authority, error) {
		root, err := m.tpmRoot()
		if err != nil {
			return nil, err
		}
		return root.tpmIntermediate(vendor, webauthn.RS256)
	})
	if err != nil {
		return nil, err
	}
	return TPM(issuer, TPMOptions{Vendor: vendor, Serial: p.Name, Algorithm: p.Algorithm})
}
