package attestation

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"strings"

	"github.com/passkeylab/passkeylab/webauthn"
)

// TPMAuthority makes what certifies the attestation keys of a vendor's TPMs: an
// authority in the shape of those that Microsoft has for Windows, below a root that
// is plainly the lab's ([Authority.RootOf]). Microsoft's have RSA keys, which take a
// while to make here; an algorithm of 0 is RS256 all the same.
func (c *CA) TPMAuthority(vendor TPMVendor, algorithm webauthn.Algorithm) (*Authority, error) {
	if algorithm == 0 {
		algorithm = webauthn.RS256
	}
	if vendor == (TPMVendor{}) {
		vendor = nuvoton
	}
	root, err := c.tpmRoot(algorithm)
	if err != nil {
		return nil, err
	}
	return root.tpmIntermediate(vendor, algorithm)
}

func (c *CA) tpmRoot(algorithm webauthn.Algorithm) (*Authority, error) {
	return c.Root(named(
		attribute{Type: country, Value: "US"}, attribute{Type: organization, Value: labOrganization},
		attribute{Type: commonName, Value: "Passkeylab Test TPM Root Certificate Authority 2014"},
	), algorithm)
}

func (a *Authority) tpmIntermediate(vendor TPMVendor, algorithm webauthn.Algorithm) (*Authority, error) {
	return a.Intermediate(named(attribute{Type: commonName, Value: vendor.authority(a.ca.secret)}), algorithm, func(template *x509.Certificate) {
		template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign
		template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidAIKIssuer, oidAIK}
		template.ExtraExtensions = []pkix.Extension{tpmPolicy("")}
		template.IssuingCertificateURL = []string{tpmRepository + "root.crt"}
		template.CRLDistributionPoints = []string{tpmRepository + "root.crl"}
	})
}

// authority names the authority after the service that would run it, the vendor, and
// a key identifier.
func (v *TPMVendor) authority(secret []byte) string {
	sum := sha256.Sum256(append([]byte("tpm authority of "+v.ID+" "), secret...))
	return "EUS-" + v.code() + "-KEYID-" + strings.ToUpper(hex.EncodeToString(sum[:20]))
}

// code is the letters of the vendor's ID, or FIDO for FIDO's, which has none.
func (v *TPMVendor) code() string {
	letters, err := hex.DecodeString(v.ID)
	if err != nil || len(letters) == 0 || letters[0] > 'Z' {
		return "FIDO"
	}
	return strings.TrimRight(string(letters), "\x00 ")
}
