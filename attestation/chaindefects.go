package attestation

import (
	"crypto/x509"
	"slices"
)

// Steps that verifiers of every format with a chain go through.
const (
	stepPath      = "WebAuthn L3 §7.1 step 24, path"
	stepValidity  = "WebAuthn L3 §7.1 step 24, validity"
	stepNoAnchor  = "WebAuthn L3 §7.1 step 24, no trust anchor in x5c"
	wayBack, soon = -1, +1 // days
)

// chainDefect is a defect of the certificates of a statement, whatever its format.
type chainDefect struct {
	what, spec, doc string
	shape           func(*chained)
}

// chainDefects are those that every format with a chain of certificates can have.
// The first of them are of the certificate itself, and so of fido-u2f too.
var chainDefects = []chainDefect{
	{"leaf-expired", stepValidity, "The attestation certificate expired a day before the ceremony.",
		func(c *chained) {
			c.leaf.template.NotBefore, c.leaf.template.NotAfter = c.about.Time.AddDate(-1, 0, 0), c.about.Time.AddDate(0, 0, wayBack)
		}},
	{"leaf-not-yet-valid", stepValidity, "The attestation certificate becomes valid a day after the ceremony.",
		func(c *chained) {
			c.leaf.template.NotBefore, c.leaf.template.NotAfter = c.about.Time.AddDate(0, 0, soon), c.about.Time.AddDate(1, 0, 0)
		}},
	{"leaf-signature-wrong", stepPath, "The attestation certificate names its issuer, and another key signed it.",
		func(c *chained) { c.superior = (*Authority).impostor }},
	{"root-other", stepPath, "The chain leads to a root that has the name of the maker's and another key.",
		func(c *chained) { c.superior = (*Authority).elsewhere }},
}

// intermediateDefects are those of what stands between the certificate and the root.
var intermediateDefects = []chainDefect{
	{"intermediate-expired", stepValidity, "An intermediate certificate expired a day before the ceremony.",
		changedSuperior(func(c *chained, t *x509.Certificate) {
			t.NotBefore, t.NotAfter = c.about.Time.AddDate(-1, 0, 0), c.about.Time.AddDate(0, 0, wayBack)
		})},
	{"intermediate-not-yet-valid", stepValidity, "An intermediate certificate becomes valid a day after the ceremony.",
		changedSuperior(func(c *chained, t *x509.Certificate) {
			t.NotBefore, t.NotAfter = c.about.Time.AddDate(0, 0, soon), c.about.Time.AddDate(1, 0, 0)
		})},
	{"intermediate-not-ca", stepPath, "An intermediate certificate says that it is not one of an authority.",
		changedSuperior(func(_ *chained, t *x509.Certificate) { t.IsCA, t.MaxPathLen, t.MaxPathLenZero = false, -1, false })},
	{"intermediate-without-cert-sign", stepPath, "An intermediate certificate may not be used to sign certificates (RFC 5280 §4.2.1.3).",
		changedSuperior(func(_ *chained, t *x509.Certificate) { t.KeyUsage = x509.KeyUsageDigitalSignature })},
	{"intermediate-missing", stepPath, "The certificate's issuer is not in x5c.",
		rearranged(func(x5c [][]byte, _ *Authority) [][]byte { return slices.Delete(x5c, 1, 2) })},
}

// orderDefect is one that the signature of the statement is verified with a wrong
// key by, so the step that finds it is another in each format.
var orderDefect = chainDefect{what: "x5c-order", doc: "The issuer's certificate stands before the attestation certificate in x5c.",
	shape: rearranged(func(x5c [][]byte, _ *Authority) [][]byte { x5c[0], x5c[1] = x5c[1], x5c[0]; return x5c })}

// foundBy is the same defect where another step finds it.
func (d chainDefect) foundBy(spec string) chainDefect {
	d.spec = spec
	return d
}

// anchorDefect is one where roots are not usual.
var anchorDefect = chainDefect{"x5c-with-root", stepNoAnchor, "The root is in x5c, where the chain should end below it.",
	func(c *chained) {
		c.rearrange = func(x5c [][]byte, issuer *Authority) [][]byte {
			return append(x5c, issuer.RootOf().certificate.Raw)
		}
	}}

// rearranged changes the order of a chain of at least two certificates.
func rearranged(rearrange func([][]byte, *Authority) [][]byte) func(*chained) {
	return func(c *chained) { c.superior, c.rearrange = below, rearrange }
}

// ofChain makes a format's defects of those of chains.
func ofChain[D any](format string, part func(*D) *chained, all ...chainDefect) []Defect {
	made := make([]Defect, len(all))
	for i, d := range all {
		made[i] = Defect{ID: format + "/" + d.what, Format: format, Spec: d.spec, Doc: d.doc,
			bend: bend[D]{shape: func(draft *D) { d.shape(part(draft)) }}}
	}
	return made
}

// memberDefect is one of the members of a statement.
type memberDefect struct {
	what, doc string
	spoil     func(statement)
}

// ofMembers makes a format's defects of those of members, which its step of
// reading the statement finds.
func ofMembers[D any](format, spec string, part func(*D) statement, all ...memberDefect) []Defect {
	made := make([]Defect, len(all))
	for i, d := range all {
		made[i] = Defect{ID: format + "/" + d.what, Format: format, Spec: spec, Doc: d.doc,
			bend: bend[D]{spoil: func(draft *D) { d.spoil(part(draft)) }}}
	}
	return made
}

// Defects of members that several formats have.
var (
	algDefects = []memberDefect{
		{"alg-missing", "The statement does not say which algorithm it is signed with.", func(s statement) { delete(s, "alg") }},
		{"alg-text", "The algorithm is given by its name, not its number.", func(s statement) { s["alg"] = "ES256" }},
	}
	sigDefects = []memberDefect{
		{"sig-missing", "The statement has no signature.", func(s statement) { delete(s, "sig") }},
		{"sig-text", "The signature is a text string.", func(s statement) { s["sig"] = "signature" }},
	}
	x5cDefects = []memberDefect{
		{"x5c-bytes", "The certificate stands in x5c without an array around it.", func(s statement) { s["x5c"] = s["x5c"].([][]byte)[0] }},
		{"x5c-empty", "The array x5c is empty.", func(s statement) { s["x5c"] = [][]byte{} }},
		{"x5c-not-a-certificate", "What stands first in x5c is cut off in the middle.", func(s statement) {
			x5c := slices.Clone(s["x5c"].([][]byte))
			x5c[0] = x5c[0][:len(x5c[0])/2]
			s["x5c"] = x5c
		}},
		{"x5c-null", "There is a null in place of x5c.", func(s statement) { s["x5c"] = nil }},
		{"x5c-text", "The certificates in x5c are text strings.", func(s statement) { s["x5c"] = []any{"certificate"} }},
	}
	x5cMissing  = memberDefect{"x5c-missing", "The statement has no certificate.", func(s statement) { delete(s, "x5c") }}
	extraMember = memberDefect{"extra-member", "The statement has a member that its format does not know.", func(s statement) { s["extra"] = true }}
)
