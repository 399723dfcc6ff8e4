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

// NewCA returns the authorities that belong to a secret. Authorities are valid for
// twenty years on either side of now.
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
	template := authorityTemplate(name, c.now)
	if template.RawSubject, err = encodeName(name); err != nil {
		return nil, err
	}
	a.certificate = &x509.Certificate{Subject: name, RawSubject: template.RawSubject} // issues itself
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

// lookalike is another authority with the name and key of this one, below above
// or, if that is nil, below nobody. Its certificate is what change makes of this
// one's.
func (a *Authority) lookalike(above *Authority, change func(*x509.Certificate)) (*Authority, error) {
	old := a.certificate
	template := &x509.Certificate{
		RawSubject: old.RawSubject, Subject: old.Subject, SubjectKeyId: old.SubjectKeyId, NotBefore: old.NotBefore, NotAfter: old.NotAfter,
		UnknownExtKeyUsage: old.UnknownExtKeyUsage, PolicyIdentifiers: old.PolicyIdentifiers, Policies: old.Policies,
		IssuingCertificateURL: old.IssuingCertificateURL, CRLDistributionPoints: old.CRLDistributionPoints,
		KeyUsage: old.KeyUsage, ExtKeyUsage: old.ExtKeyUsage, IsCA: old.IsCA, BasicConstraintsValid: old.BasicConstraintsValid,
		MaxPathLen: old.MaxPathLen, MaxPathLenZero: old.MaxPathLenZero, SerialNumber: new(big.Int).Add(old.SerialNumber, big.NewInt(1)),
	}
	if change != nil {
		change(template)
	}
	like := &Authority{ca: a.ca, key: a.key, certificate: a.certificate, above: above}
	if above == nil {
		return like, like.adopt(like, template)
	}
	return like, like.adopt(above, template)
}

// impostor is an authority with the name and certificate of this one and another
// key, so that what it issues does not verify.
func (a *Authority) impostor() (*Authority, error) {
	key, err := NewKey(a.ca.secret, "impostor of "+a.certificate.Subject.String(), a.key.Algorithm)
	if err != nil {
		return nil, err
	}
	return &Authority{ca: a.ca, key: key, certificate: a.certificate, above: a.above}, nil
}

// elsewhere is the same authority below a root with the same name and another key,
// which nobody trusts.
func (a *Authority) elsewhere() (*Authority, error) {
	if a.above == nil {
		stranger, err := a.impostor()
		if err != nil {
			return nil, err
		}
		return stranger.lookalike(nil, func(t *x509.Certificate) { t.SubjectKeyId = nil })
	}
	above, err := a.above.elsewhere()
	if err != nil {
		return nil, err
	}
	return a.lookalike(above, nil)
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
// template without one comes from what the certificate is for. A template of
// Version 1 or 2 gives a certificate without extensions.
func (a *Authority) Issue(template *x509.Certificate, public crypto.PublicKey) ([]byte, error) {
	whole := *template
	if whole.RawSubject == nil {
		var err error
		if whole.RawSubject, err = encodeName(whole.Subject); err != nil {
			return nil, err
		}
	}
	if whole.SerialNumber == nil {
		key, err := spki(public)
		if err != nil {
			return nil, err
		}
		whole.SerialNumber = serialOf(a.certificate.RawSubject, whole.RawSubject, key)
	}
	// Without a source of randomness signatures repeat. The template may ask for
	// what only a broken certificate has, so it is not held to what the issuer's
	// certificate says: that is for whoever verifies.
	issuer := *a.certificate
	issuer.KeyUsage |= x509.KeyUsageCertSign
	issuer.PublicKey = nil
	der, err := x509.CreateCertificate(nil, &whole, &issuer, public, a.key.signer)
	if err == nil && (template.Version == 1 || template.Version == 2) {
		der, err = a.downgrade(der, template.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("attestation: certificate of %s: %w", template.Subject, err)
	}
	return der, nil
}

// serialOf makes a positive serial number of 16 bytes at most.
func serialOf(parts ...[]byte) *big.Int {
	sum := sha256.Sum256(slices.Concat(parts...))
	sum[0] &= 0x7f
	return new(big.Int).SetBytes(sum[:16])
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
