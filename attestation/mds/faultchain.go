package mds

import "crypto/x509"

// longAgo is how many years certificates are off, so that they are so for readers
// who look at the real time, too.
const longAgo = 25

// chainFaults are those of the certificates and of what their issuers say of them.
var chainFaults = []Fault{
	{
		ID: "chain/other-root", Spec: "MDS §3.2 step 5", Doc: "All is well signed, under a root with the right name that is not the right one.",
		seams: seams{seal: func(s *sealing) error {
			other, err := s.authority.stranger()
			if err == nil {
				s.by(other.leaf, other.intermediate)
			}
			return err
		}},
	}, {
		ID: "chain/self-signed", Spec: "MDS §3.2 step 5", Doc: "The only certificate is signed by itself.",
		seams: seams{seal: reissue(leafName, func(a *authority) *issued { return nil }, nil)},
	}, {
		ID: "chain/x5c-missing", Spec: "MDS §3.2 step 5", Doc: "The header names no certificate, which means that the root itself has signed; it has not.",
		seams: seams{seal: onHeader("x5c", nil)},
	}, {
		ID: "chain/x5c-empty", Spec: "RFC 7515 §4.1.6", Doc: "The header has a list of certificates, and nothing in it.",
		seams: seams{seal: onHeader("x5c", []string{})},
	}, {
		ID: "chain/x5c-not-base64", Spec: "RFC 7515 §4.1.6", Doc: "The certificates are in base64url, as all else in a JWS, where they should be in base64.",
		seams: seams{seal: onHeader("x5c", []string{"_-__", "_-__"})},
	}, {
		ID: "chain/x5u-elsewhere", Spec: "MDS §3.2 step 4", Doc: "The certificates are to be loaded from another site than the BLOB.",
		seams: seams{seal: func(s *sealing) error {
			delete(s.header, "x5c")
			s.header["x5u"] = "https://elsewhere.test" + chainPath
			return nil
		}},
	}, {
		ID: "chain/x5u-own", Spec: "MDS §3.2 step 4", Doc: "The certificates are to be loaded from the same site as the BLOB, which is allowed and of which no published BLOB makes use.",
		seams: seams{seal: func(s *sealing) error {
			delete(s.header, "x5c")
			s.header["x5u"] = s.authority.url + chainPath
			return nil
		}},
	}, {
		ID: "chain/intermediate-missing", Spec: "MDS §3.2 step 5", Doc: "The signing certificate stands alone, so that no way leads to the root.",
		seams: seams{seal: func(s *sealing) error { s.name(s.authority.leaf); return nil }},
	}, {
		ID: "chain/root-included", Spec: "RFC 7515 §4.1.6", Doc: "The root is among the certificates, where it is not needed; nothing is wrong with that.",
		seams: seams{seal: func(s *sealing) error {
			s.name(s.authority.leaf, s.authority.intermediate, s.authority.root)
			return nil
		}},
	}, {
		ID: "chain/leaf-expired", Spec: "RFC 5280 §6.1.3", Doc: "The signing certificate ended 25 years ago.",
		seams: seams{seal: reissue(leafName, (*authority).ofIntermediate, func(c *x509.Certificate) {
			c.NotAfter = c.NotAfter.AddDate(-validity-longAgo, 0, 0)
		})},
	}, {
		ID: "chain/leaf-not-yet-valid", Spec: "RFC 5280 §6.1.3", Doc: "The signing certificate begins in 25 years.",
		seams: seams{seal: reissue(leafName, (*authority).ofIntermediate, func(c *x509.Certificate) {
			c.NotBefore = c.NotBefore.AddDate(validity+longAgo, 0, 0)
		})},
	}, {
		ID: "chain/intermediate-expired", Spec: "RFC 5280 §6.1.3", Doc: "The certificate of the signing one's issuer ended 25 years ago.",
		seams: seams{seal: func(s *sealing) error {
			above, err := s.authority.issue(intermediateName, s.authority.root, func(c *x509.Certificate) {
				c.NotAfter = c.NotAfter.AddDate(-validity-longAgo, 0, 0)
			})
			if err == nil {
				s.by(s.authority.leaf, above)
			}
			return err
		}},
	}, {
		ID: "chain/issuer-no-ca", Spec: "RFC 5280 §6.1.4", Doc: "The signing certificate was issued with the key of one that must not issue any.",
		seams: seams{seal: func(s *sealing) error {
			above, err := s.authority.issue(intermediateName, s.authority.root, func(c *x509.Certificate) {
				c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature
			})
			if err == nil {
				s.by(s.authority.leaf, above)
			}
			return err
		}},
	}, {
		ID: "chain/other-host", Spec: "RFC 9525 §6", Doc: "The signing certificate is for another host, as everybody's is who buys one under the root.",
		seams: seams{seal: reissue(leafName, (*authority).ofIntermediate, func(c *x509.Certificate) {
			c.Subject.CommonName, c.DNSNames = "www.elsewhere.test", []string{"www.elsewhere.test"}
		})},
	}, {
		ID: "chain/leaf-revoked", Spec: "MDS §3.2 step 5", Doc: "The issuer has revoked the signing certificate.",
		seams: seams{list: func(r *revocation) error {
			if a := r.authority; r.issuer == a.intermediate {
				r.revoke(a.leaf, a.since)
			}
			return nil
		}},
	}, {
		ID: "chain/intermediate-revoked", Spec: "MDS §3.2 step 5", Doc: "The root has revoked the issuer of the signing certificate.",
		seams: seams{list: func(r *revocation) error {
			if a := r.authority; r.issuer == a.root {
				r.revoke(a.intermediate, a.since)
			}
			return nil
		}},
	}, {
		ID: "list/missing", Spec: "RFC 5280 §6.3", Doc: "No revocation list is found where the certificates say.",
		seams: seams{list: func(r *revocation) error { r.missing = true; return nil }},
	}, {
		ID: "list/other-signer", Spec: "RFC 5280 §6.3.3", Doc: "The revocation lists are not signed by the issuers.",
		seams: seams{list: func(r *revocation) error {
			other, err := r.authority.stranger()
			if err == nil {
				r.signer = other.root
			}
			return err
		}},
	}, {
		ID: "list/expired", Spec: "RFC 5280 §6.3.3", Doc: "The revocation lists were due to be renewed 25 years ago.",
		seams: seams{list: func(r *revocation) error {
			r.list.ThisUpdate = r.list.ThisUpdate.AddDate(-longAgo, 0, 0)
			r.list.NextUpdate = r.list.NextUpdate.AddDate(-longAgo, 0, 0)
			return nil
		}},
	},
}

func (a *authority) ofIntermediate() *issued { return a.intermediate }

// reissue signs with another certificate for the same name, issued by the issuer
// or by itself.
func reissue(name string, by func(*authority) *issued, edit func(*x509.Certificate)) func(*sealing) error {
	return func(s *sealing) error {
		above := by(s.authority)
		leaf, err := s.authority.issue(name, above, edit)
		switch {
		case err != nil:
			return err
		case above == nil:
			s.by(leaf)
		default:
			s.by(leaf, above)
		}
		return nil
	}
}
