package mds

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Names of the certificates that sign a BLOB, also in the paths of their lists.
const (
	rootName         = "root"
	intermediateName = "intermediate"
	leafName         = "leaf"
)

// validity is generous on both sides of a service's first moment: labs live in
// virtual time, while some readers look at the real one.
const validity = 50 // years

// authority is who signs BLOBs: a root, an intermediate and a leaf.
type authority struct {
	secret    []byte
	algorithm webauthn.Algorithm // of the leaf
	host      string             // that the leaf is for
	url       string             // below which certificates and lists are, or ""
	since     time.Time

	root, intermediate, leaf *issued
}

// issued is a certificate with its key.
type issued struct {
	name string
	cert *x509.Certificate
	key  crypto.Signer
}

func newAuthority(c Config) (*authority, error) {
	a := &authority{secret: c.Secret, algorithm: c.Algorithm, host: c.Host, url: c.URL, since: c.Clock()}
	var err error
	if a.root, err = a.issue(rootName, nil, nil); err != nil {
		return nil, err
	}
	if a.intermediate, err = a.issue(intermediateName, a.root, nil); err != nil {
		return nil, err
	}
	a.leaf, err = a.issue(leafName, a.intermediate, nil)
	return a, err
}

// issue makes the certificate of a name, changed by edit where that is not nil. by
// nil means that it signs itself.
func (a *authority) issue(name string, by *issued, edit func(*x509.Certificate)) (*issued, error) {
	template, err := a.template(name, by)
	if err != nil {
		return nil, err
	}
	if edit != nil {
		edit(template)
	}
	algorithm := webauthn.ES256
	if name == leafName {
		algorithm = a.algorithm
	}
	key, err := newKey(a.secret, name, algorithm)
	if err != nil {
		return nil, err
	}
	made := &issued{name: name, key: key}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	// Without a source of randomness, signatures are those of RFC 6979.
	der, err := x509.CreateCertificate(nil, template, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("mds: certificate %s: %w", name, err)
	}
	if made.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("mds: certificate %s: %w", name, err)
	}
	return made, nil
}

func (a *authority) template(name string, by *issued) (*x509.Certificate, error) {
	serial, err := derive(a.secret, "serial number of "+name, 16)
	if err != nil {
		return nil, err
	}
	serial[0] = serial[0]&0x7F | 0x40 // positive, and always as long
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject: pkix.Name{
			Organization: []string{"passkeylab"}, OrganizationalUnit: []string{"Metadata service, for tests only"},
			CommonName: "passkeylab metadata " + name,
		},
		NotBefore:             a.since.AddDate(-validity, 0, 0),
		NotAfter:              a.since.AddDate(validity, 0, 0),
		BasicConstraintsValid: true,
	}
	if name == leafName {
		t.Subject.CommonName, t.DNSNames = a.host, []string{a.host}
		t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	} else {
		t.IsCA, t.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	}
	if by != nil && a.url != "" {
		t.CRLDistributionPoints = []string{a.url + listPath(by.name)}
		t.IssuingCertificateURL = []string{a.url + certificatePath(by.name)}
	}
	return t, nil
}

// stranger is an authority that is like this one, and nobody's root.
func (a *authority) stranger() (*authority, error) {
	secret, err := derive(a.secret, "stranger", 32)
	if err != nil {
		return nil, err
	}
	return newAuthority(Config{
		Secret: secret, Algorithm: a.algorithm, Host: a.host, URL: a.url, Clock: func() time.Time { return a.since },
	})
}

// A revocation list says that it is good from a little before it was made, for readers
// whose clock is behind.
const (
	listBackdated = time.Hour
	listValidity  = 7 * 24 * time.Hour
)

// revocation is a revocation list in the making.
type revocation struct {
	authority *authority
	issuer    *issued // whose certificates it is about
	signer    *issued
	list      x509.RevocationList
	missing   bool // nothing is found at the address
}

func (a *authority) revocation(of *issued, now time.Time) *revocation {
	return &revocation{authority: a, issuer: of, signer: of, list: x509.RevocationList{
		Number: big.NewInt(now.Unix()), ThisUpdate: now.Add(-listBackdated), NextUpdate: now.Add(listValidity),
	}}
}

func (r *revocation) revoke(what *issued, since time.Time) {
	r.list.RevokedCertificateEntries = append(r.list.RevokedCertificateEntries, x509.RevocationListEntry{
		SerialNumber: what.cert.SerialNumber, RevocationTime: since, ReasonCode: 1, // keyCompromise (RFC 5280 §5.3.1)
	})
}

func (r *revocation) sign() ([]byte, error) {
	der, err := x509.CreateRevocationList(nil, &r.list, r.signer.cert, r.signer.key)
	if err != nil {
		return nil, fmt.Errorf("mds: revocation list of %s: %w", r.issuer.name, err)
	}
	return der, nil
}
