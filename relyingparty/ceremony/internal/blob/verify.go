package blob

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// verify holds the signature to a key. The key's kind decides how; the header only
// has to agree, so that nobody can choose.
func (t *token) verify(key crypto.PublicKey) error {
	digest := sha256.Sum256(t.signed)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() || t.header.Algorithm != "ES256" {
			return fmt.Errorf("%w: alg is %q, with a key on %s; want ES256 on P-256", ErrAlgorithm, t.header.Algorithm, key.Curve.Params().Name)
		}
		if len(t.signature) != 64 {
			return fmt.Errorf("%w: it has %d bytes, want 64 (RFC 7518 §3.4)", ErrSignature, len(t.signature))
		}
		r, s := new(big.Int).SetBytes(t.signature[:32]), new(big.Int).SetBytes(t.signature[32:])
		if !ecdsa.Verify(key, digest[:], r, s) {
			return ErrSignature
		}
	case *rsa.PublicKey:
		if t.header.Algorithm != "RS256" {
			return fmt.Errorf("%w: alg is %q, with an RSA key; want RS256", ErrAlgorithm, t.header.Algorithm)
		}
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], t.signature); err != nil {
			return fmt.Errorf("%w: %w", ErrSignature, err)
		}
	default:
		return fmt.Errorf("%w: by a key of type %T", ErrAlgorithm, key)
	}
	return nil
}

// chain finds the way from the signing certificate to the root (MDS §3.2 steps 4
// and 5), both included. x5u is not followed: no published BLOB has it.
func (trust Trust) chain(h *header) ([]*x509.Certificate, error) {
	if h.X5U != nil {
		return nil, errors.New("the header has x5u, which is not followed")
	}
	if h.X5C == nil { // then the root has signed
		return []*x509.Certificate{trust.Root}, nil
	}
	if n := len(*h.X5C); n == 0 || n > maxChain {
		return nil, fmt.Errorf("the header names %d certificates, want 1 to %d", n, maxChain)
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: trust.Now, DNSName: trust.Host,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	options.Roots.AddCert(trust.Root)
	var leaf *x509.Certificate
	for i, der := range *h.X5C {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", i, err)
		}
		if i == 0 {
			leaf = c
			continue
		}
		options.Intermediates.AddCert(c)
	}
	chains, err := leaf.Verify(options)
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

// revocation asks the issuers of a chain whether its certificates still hold. One
// that names no list cannot be asked about. Without an answer it is assumed that
// they do not: who can hide a list could hide that.
func (trust Trust) revocation(chain []*x509.Certificate) error {
	for i, c := range chain[:len(chain)-1] {
		if len(c.CRLDistributionPoints) == 0 {
			continue
		}
		if err := trust.askIssuer(c, chain[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// askIssuer looks a certificate up in the first list that is good.
func (trust Trust) askIssuer(c, issuer *x509.Certificate) error {
	var failed []error
	for _, url := range c.CRLDistributionPoints {
		list, err := trust.fetchList(url, issuer)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", url, err))
			continue
		}
		for _, r := range list.RevokedCertificateEntries {
			if r.SerialNumber.Cmp(c.SerialNumber) == 0 {
				return fmt.Errorf("%w: %q since %s", ErrRevoked, c.Subject.CommonName, r.RevocationTime.Format("2006-01-02"))
			}
		}
		return nil
	}
	return fmt.Errorf("%w: %w", ErrRevocationUnknown, errors.Join(failed...))
}

// skew is how far an issuer's clock may be ahead of ours: a list may be made while it
// is fetched.
const skew = 5 * time.Minute

// fetchList fetches a list and holds it to its issuer and to the time (RFC 5280
// §6.3.3).
func (trust Trust) fetchList(url string, issuer *x509.Certificate) (*x509.RevocationList, error) {
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return nil, errors.New("only http and https are followed")
	}
	if trust.List == nil {
		return nil, errors.New("nothing is fetched")
	}
	der, err := trust.List(url)
	if err != nil {
		return nil, err
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, err
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return nil, err
	}
	if trust.Now.Add(skew).Before(list.ThisUpdate) || trust.Now.After(list.NextUpdate) {
		return nil, fmt.Errorf("the list is for %s to %s", list.ThisUpdate.Format("2006-01-02"), list.NextUpdate.Format("2006-01-02"))
	}
	return list, nil
}
