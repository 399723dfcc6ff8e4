package attestation

import (
	"crypto/x509/pkix"

	"github.com/passkeylab/passkeylab/webauthn"
)

// The maker of security keys has an RSA root and, as is usual, certifies batches with
// it directly.

const labOrganization = "Passkeylab"

func (m *Makers) keyRoot() (*Authority, error) {
	return m.authority("keys", func() (*Authority, error) {
		return m.ca.Root(named(attribute{Type: commonName, Value: "Passkeylab Test U2F Root CA Serial 457200631"}), webauthn.RS256)
	})
}

func (m *Makers) keyIntermediate() (*Authority, error) {
	return m.authority("keys/intermediate", func() (*Authority, error) {
		root, err := m.keyRoot()
		if err != nil {
			return nil, err
		}
		return root.Intermediate(named(
			attribute{Type: country, Value: "SE"}, attribute{Type: organization, Value: labOrganization},
			attribute{Type: commonName, Value: "Passkeylab Test FIDO Attestation A 1"},
		), webauthn.ES256, nil)
	})
}

func (m *Makers) packed(p Product) (Attester, error) {
	issue := m.keyRoot
	if p.Chained {
		issue = m.keyIntermediate
	}
	issuer, err := issue()
	if err != nil {
		return nil, err
	}
	return Packed(issuer, PackedOptions{AAGUID: p.AAGUID, Subject: p.subject("Passkeylab Test Batch"), Algorithm: p.Algorithm, Extra: p.extensions()})
}

func (m *Makers) fidoU2F(p Product) (Attester, error) {
	issuer, err := m.keyRoot()
	if err != nil {
		return nil, err
	}
	p.Firmware, p.Serial = 0, nil // which U2F does not know
	return FIDOU2F(issuer, FIDOU2FOptions{Subject: p.subject("Passkeylab Test U2F Batch"), Extra: p.extensions()})
}

// subject is a name as §8.2.1 wants it.
func (p *Product) subject(batch string) pkix.Name {
	name := p.Name
	if name == "" {
		name = batch + " " + p.AAGUID.String()
	}
	return named(
		attribute{Type: country, Value: "SE"}, attribute{Type: organization, Value: labOrganization},
		attribute{Type: unit, Value: "Authenticator Attestation"}, attribute{Type: commonName, Value: name},
	)
}

func (p *Product) extensions() []pkix.Extension {
	var all []pkix.Extension
	if p.Line != "" {
		all = append(all, DeviceTypeExtension(p.Line))
	}
	if p.Transports != nil {
		all = append(all, TransportsExtension(p.Transports...))
	}
	if p.Firmware != 0 {
		all = append(all, FirmwareExtension(p.Firmware))
	}
	if p.Serial != nil {
		all = append(all, SerialExtension(p.Serial))
	}
	return all
}
