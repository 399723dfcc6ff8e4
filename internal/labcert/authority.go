package labcert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

// Authority issues certificates under a root that programs can be made to trust,
// where a pin is not enough. The root is good for the names it was made for and
// for no others, so that little is lost where it is trusted by mistake.
type Authority struct {
	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

// rootValidity is how long a root is trusted. Unlike a lab's certificate it can be
// left behind in a trust store.
const rootValidity = 365 * 24 * time.Hour

// loopback is what every root may be used for beside its names.
var loopback = []*net.IPNet{
	{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
	{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
}

// NewAuthority makes a root for domains with all their subdomains, and for
// localhost. It draws its key from the system's randomness.
func NewAuthority(now time.Time, domains ...string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("lab authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "passkeylab test authority, for tests only"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(rootValidity),
		KeyUsage:     x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         append(slices.Clone(domains), "localhost"),
		PermittedIPRanges:           loopback,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("lab authority: %w", err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("lab authority: %w", err)
	}
	return &Authority{root: root, key: key}, nil
}

// Root returns the root as PEM, the form that certutil and trust stores take.
func (a *Authority) Root() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: a.root.Raw})
}

// Pool trusts the root alone, for clients in Go.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// Covers reports whether certificates for a host name are good under the root.
func (a *Authority) Covers(host string) bool {
	return slices.ContainsFunc(a.root.PermittedDNSDomains, func(domain string) bool {
		return host == domain || len(host) > len(domain) && host[len(host)-len(domain)-1:] == "."+domain
	})
}

// Issue makes a certificate for host names, for localhost and for the loopback
// addresses, with a key of its own.
func (a *Authority) Issue(now time.Time, hosts ...string) (*Certificate, error) {
	for _, host := range hosts {
		if !a.Covers(host) {
			return nil, fmt.Errorf("lab authority: its root is not good for %s; make a new one that is", host)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("lab certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "passkeylab test certificate"},
		DNSNames:     append(slices.Clone(hosts), "localhost"),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:    a.root.NotBefore,
		NotAfter:     a.root.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, &key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("lab certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("lab certificate: %w", err)
	}
	return &Certificate{
		TLS:  tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf},
		SPKI: pinOf(leaf), Pool: a.Pool(),
	}, nil
}
