package attestationtest

import (
	"crypto/x509"
	"slices"
)

// Steps of every format with certificates (§7.1 step 24).
const (
	stepPath     = "WebAuthn L3 §7.1 step 24, path"
	stepValidity = "WebAuthn L3 §7.1 step 24, validity"
	stepNoAnchor = "WebAuthn L3 §7.1 step 24, no trust anchor in x5c"
)

// trust follows a chain to a root of the policy.
func (c *ceremony) trust(chain []*x509.Certificate, mayHaveRoot bool) {
	last := chain[len(chain)-1]
	isRoot := func(root *x509.Certificate) bool { return root.Equal(last) }
	if len(chain) > 1 && slices.ContainsFunc(c.Roots, isRoot) {
		c.check(mayHaveRoot, stepNoAnchor)
		chain = chain[:len(chain)-1]
	}
	for i, certificate := range chain {
		c.check(!c.Time.Before(certificate.NotBefore) && !c.Time.After(certificate.NotAfter), stepValidity)
		if i > 0 {
			c.check(chain[i-1].CheckSignatureFrom(certificate) == nil, stepPath)
		}
	}
	last = chain[len(chain)-1]
	issued := func(root *x509.Certificate) bool { return last.CheckSignatureFrom(root) == nil }
	c.check(slices.ContainsFunc(c.Roots, issued), stepPath)
}
