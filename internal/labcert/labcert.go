// Package labcert makes the certificates under which a lab's sites and services
// are served.
//
// It owns one short-lived key per call, known to nobody else and written
// nowhere, and the pin by which a test browser accepts it. Where a pin is not
// enough, it owns an authority whose root can be handed out. It must never touch
// a trust store: nothing outside what it is handed to trusts it.
package labcert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"
)

// Certificate serves TLS for a set of host names.
type Certificate struct {
	TLS tls.Certificate
	// SPKI is the base64 SHA-256 of the public key, in the form that
	// Chromium's --ignore-certificate-errors-spki-list takes.
	SPKI string
	// Pool trusts exactly this certificate or its authority, for clients in Go.
	Pool *x509.CertPool
}

// validity is generous on both sides: labs live in virtual time.
const validity = 50 * 365 * 24 * time.Hour

// New makes a self-signed certificate for hosts. It draws its key from the
// system's randomness: TLS is no part of what a seed repeats.
func New(now time.Time, hosts ...string) (*Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("lab certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "passkeylab test certificate, trust it nowhere"},
		DNSNames:     hosts,
		NotBefore:    now.Add(-validity),
		NotAfter:     now.Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("lab certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("lab certificate: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &Certificate{
		TLS:  tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf},
		SPKI: pinOf(leaf),
		Pool: pool,
	}, nil
}

// pinOf returns the pin of a certificate's key.
func pinOf(leaf *x509.Certificate) string {
	pin := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(pin[:])
}
