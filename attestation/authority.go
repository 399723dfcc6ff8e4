package attestation

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// CA makes the authorities of one lab's makers. The same secret and time give the
// same certificates, byte for byte.
type CA struct {
	secret []byte
	now    time.Time
}

// NewCA returns the authorities that belong to a secret. Certificates are made to
// be valid at now, and as long before and after as real ones are.
func NewCA(secret []byte, now time.Time) *CA { return &CA{slices.Clone(secret), now} }

// Authority issues certificates.
type Authority struct {
	ca          *CA
	key         *Key
	certificate *x509.Certificate
	above       *Authority // nil for a root
}

// rootYears is how long authorities are good for, on both sides of the lab's time.
const rootYears = 20

// Root makes a root. Its name is also what sets its key apart from other roots'.
func (c *CA) Root(name pkix.Name, algorithm webauthn.Algorithm) (*Authority, error) {
	key, err := NewKey(c.secret, "root "+name.String(), algorithm)
	if err != nil {
		return nil, err
	}
	a := &Authority{ca: c, key: key}
	a.certificate = &x509.Certificate{Subject: name} // issues itself
	template := authorityTemplate(name, c.now)
	return a, a.adopt(a, template)
}

// Intermediate makes an authority below this one. change, unless nil, makes its
// certificate another before it is issued.
func (a *Authority) Intermediate(name pkix.Name, algorithm webauthn.Algorithm, change func(*x509.Certificate)) (*Authority, error) {
	key, err := NewKey(a.ca.secret, a.certificate.Subject.String()+" below "+name.String(), algorithm)
	if err != nil {
		return nil, err
	}
	below := &Authority{ca: a.ca, key: key, above: a}
	template := authorityTemplate(name, a.ca.now)
	template.MaxPathLenZero = true
	if change != nil {
		change(template)
	}
	return below, below.adopt(a, template)
}

func authorityTemplate(name pkix.Name, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject: name, NotBefore: now.AddDate(-rootYears, 0, 0), NotAfter: now.AddDate(rootYears, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true,
	}
}

// adopt gives an authority its certificate, issued by another or by itself.
func (a *Authority) adopt(issuer *Authority, template *x509.Certificate) error {
	der, err := issuer.Issue(template, a.key.Public())
	if err != nil {
		return err
	}
	a.certificate, err = x509.ParseCertificate(der)
	return err
}

// Issue makes a certificate for a public key, in DER. The serial number of a
// template without one comes from what the certificate is for.
func (a *Authority) Issue(template *x509.Certificate, public crypto.PublicKey) ([]byte, error) {
	if template.SerialNumber == nil {
		key, err := spki(public)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(slices.Concat([]byte(a.certificate.Subject.String()), []byte(template.Subject.String()), key))
		template.SerialNumber = new(big.Int).SetBytes(sum[:16])
	}
	// Without a source of randomness signatures repeat.
	der, err := x509.CreateCertificate(nil, template, a.certificate, public, a.key.signer)
	if err != nil {
		return nil, fmt.Errorf("attestation: certificate of %s: %w", template.Subject, err)
	}
	return der, nil
}

// Certificate is the authority's own.
func (a *Authority) Certificate() *x509.Certificate { return a.certificate }

// RootOf is the root above an authority, or the authority itself.
func (a *Authority) RootOf() *Authority {
	for a.above != nil {
		a = a.above
	}
	return a
}

// Chain is the certificates from this authority up to below the root, in DER, as
// they follow a leaf in x5c.
func (a *Authority) Chain() [][]byte {
	var chain [][]byte
	for ; a.above != nil; a = a.above {
		chain = append(chain, a.certificate.Raw)
	}
	return chain
}
