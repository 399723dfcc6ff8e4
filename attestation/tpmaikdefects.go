package attestation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"github.com/passkeylab/passkeylab/webauthn"
)

// aikDefects are those of the attestation key's certificate in tpm statements.
var aikDefects = []Defect{
	tpmShaped("tpm/aik-aaguid-critical", tpmTrust, "The extension with the AAGUID is critical, which who does not know it has to refuse.",
		func(d *tpmDraft) { d.extend(criticalExtension(aaguidExtension(d.credential.Attested.AAGUID))) }),
	tpmShaped("tpm/aik-aaguid-other", tpmStepAAGUID, "The certificate is for authenticators with another AAGUID.",
		func(d *tpmDraft) {
			id := d.credential.Attested.AAGUID
			id[len(id)-1] ^= 1
			d.extend(aaguidExtension(id))
		}),
	tpmShaped("tpm/aik-aaguid-unwrapped", tpmStepAAGUID, "The extension has the AAGUID's bytes without the OCTET STRING around them.",
		func(d *tpmDraft) { d.extend(pkix.Extension{Id: oidAAGUID, Value: d.credential.Attested.AAGUID[:]}) }),
	tpmShaped("tpm/aik-ca", tpmCertificate, "The certificate is an authority's.",
		func(d *tpmDraft) { d.leaf.template.IsCA = true }),
	tpmShaped("tpm/aik-constraints-missing", tpmCertificate, "The certificate has no basic constraints, so that CA is not set to false.",
		func(d *tpmDraft) { d.leaf.template.BasicConstraintsValid = false }),
	tpmShaped("tpm/aik-eku-missing", tpmCertificate, "The certificate does not say what its key may be used for.",
		func(d *tpmDraft) { d.leaf.template.UnknownExtKeyUsage = nil }),
	tpmShaped("tpm/aik-eku-other", tpmCertificate, "The certificate is for an endorsement key, not for one that attests.",
		func(d *tpmDraft) { d.leaf.template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidEK} }),
	tpmShaped("tpm/aik-expired", tpmTrust, "The certificate expired a day before the ceremony.",
		func(d *tpmDraft) { d.leaf.template.NotAfter = d.about.Time.AddDate(0, 0, -1) }),
	tpmSpoilt("tpm/aik-malformed", tpmStepX5C, "The certificate lacks its last byte.",
		func(d *tpmDraft) { d.chain(func(x5c [][]byte) [][]byte { x5c[0] = truncated(x5c[0]); return x5c }) }),
	tpmShaped("tpm/aik-not-yet-valid", tpmTrust, "The certificate is not valid for another ten years.",
		func(d *tpmDraft) {
			d.leaf.template.NotBefore = d.about.Time.AddDate(10, 0, 0)
			d.leaf.template.NotAfter = d.about.Time.AddDate(15, 0, 0)
		}),
	tpmShaped("tpm/aik-other-key", tpmStepSig, "The certificate is for another key than the one that signed.",
		func(d *tpmDraft) { d.leaf.public = d.leaf.issuer.key.Public() }),
	tpmShaped("tpm/aik-san-dns", tpmCertificate, "The alternative name is one of a host.",
		func(d *tpmDraft) { d.san.dns = "tpm.example.com" }),
	tpmShaped("tpm/aik-san-maker-format", tpmCertificate, "The manufacturer's ID lacks the letters id and the colon in front.",
		func(d *tpmDraft) { d.san.set(oidTPMMaker, d.san.parts[0].value[len("id:"):]) }),
	tpmShaped("tpm/aik-san-maker-missing", tpmCertificate, "The alternative name does not name the manufacturer.",
		func(d *tpmDraft) { d.san.drop(oidTPMMaker) }),
	tpmShaped("tpm/aik-san-maker-name", tpmCertificate, "The manufacturer is named in letters, where a number in hexadecimal belongs.",
		func(d *tpmDraft) { d.san.set(oidTPMMaker, "NTC") }),
	tpmShaped("tpm/aik-san-maker-unknown", tpmCertificate, "The manufacturer is none that the TCG's registry has.",
		func(d *tpmDraft) { d.san.set(oidTPMMaker, "id:504B4C42") }),
	tpmShaped("tpm/aik-san-missing", tpmCertificate, "The certificate, whose subject is empty, has no alternative name either.",
		func(d *tpmDraft) { d.san = nil }),
	tpmShaped("tpm/aik-san-model-missing", tpmCertificate, "The alternative name does not name the model.",
		func(d *tpmDraft) { d.san.drop(oidTPMModel) }),
	tpmShaped("tpm/aik-san-not-critical", tpmCertificate, "The alternative name is not critical, though the subject is empty.",
		func(d *tpmDraft) { d.san.optional = true }),
	tpmShaped("tpm/aik-san-version-missing", tpmCertificate, "The alternative name does not name the version.",
		func(d *tpmDraft) { d.san.drop(oidTPMVersion) }),
	tpmSpoilt("tpm/aik-signature", tpmTrust, "A bit of the signature on the certificate is another.",
		func(d *tpmDraft) {
			d.chain(func(x5c [][]byte) [][]byte { x5c[0] = flipped(x5c[0], len(x5c[0])-1); return x5c })
		}),
	tpmShaped("tpm/aik-subject", tpmCertificate, "The certificate has a subject, which is to be empty.",
		func(d *tpmDraft) { d.leaf.template.Subject = pkix.Name{CommonName: "passkeylab TPM"} }),
	tpmShaped("tpm/aik-untrusted", tpmTrust, "The certificate was issued by somebody with the authority's name and another key.",
		func(d *tpmDraft) { d.substitute = namesake }),
	tpmShaped("tpm/aik-version", tpmCertificate, "The certificate says that it is of version 2 of X.509.",
		func(d *tpmDraft) { d.rewrite = ofVersion2 }),
}

// tpmChainDefects are those of x5c in tpm statements.
var tpmChainDefects = []Defect{
	tpmSpoilt("tpm/x5c-empty", tpmStepX5C, "x5c has no certificate.",
		func(d *tpmDraft) { d.statement["x5c"] = [][]byte{} }),
	{
		ID: "tpm/x5c-incomplete", Format: webauthn.FormatTPM, Spec: tpmTrust,
		Doc: "The authority that issued the certificate is left out of x5c.",
		bend: bend[tpmDraft]{
			shape: func(d *tpmDraft) { d.substitute = leftOut },
			spoil: func(d *tpmDraft) { d.chain(func(x5c [][]byte) [][]byte { return slices.Delete(x5c, 1, 2) }) },
		},
	},
	tpmSpoilt("tpm/x5c-missing", tpmStepX5C, "There is no x5c.",
		func(d *tpmDraft) { delete(d.statement, "x5c") }),
	tpmSpoilt("tpm/x5c-not-array", tpmSyntax, "x5c is the certificate itself, where an array of certificates belongs.",
		func(d *tpmDraft) { d.statement["x5c"] = d.statement["x5c"].([][]byte)[0] }),
	tpmSpoilt("tpm/x5c-order", tpmSyntax, "The authority's certificate comes first in x5c.",
		func(d *tpmDraft) {
			issuer := d.leaf.issuer.certificate.Raw
			d.chain(func(x5c [][]byte) [][]byte {
				x5c = slices.DeleteFunc(x5c, func(der []byte) bool { return bytes.Equal(der, issuer) })
				return slices.Insert(x5c, 0, issuer)
			})
		}),
}

// extend adds an extension in place of what the certificate may have of that kind.
func (d *tpmDraft) extend(e pkix.Extension) {
	others := slices.DeleteFunc(slices.Clone(d.leaf.template.ExtraExtensions), func(o pkix.Extension) bool { return o.Id.Equal(e.Id) })
	d.leaf.template.ExtraExtensions = append(others, e)
}

func criticalExtension(e pkix.Extension) pkix.Extension {
	e.Critical = true
	return e
}

// chain changes a copy of x5c.
func (d *tpmDraft) chain(change func([][]byte) [][]byte) {
	d.statement["x5c"] = change(slices.Clone(d.statement["x5c"].([][]byte)))
}

// namesake is an authority with the name and certificate of another, but without its key.
func namesake(a *Authority) (*Authority, error) {
	key, err := NewKey(a.ca.secret, "namesake of "+a.certificate.Subject.String(), a.key.Algorithm)
	if err != nil {
		return nil, err
	}
	certificate := *a.certificate
	certificate.PublicKey = nil // which crypto/x509 would compare with the key
	return &Authority{ca: a.ca, key: key, certificate: &certificate, above: a.above}, nil
}

// leftOut is an authority between another and the certificates of its TPMs.
func leftOut(a *Authority) (*Authority, error) {
	return a.Intermediate(pkix.Name{CommonName: "left out"}, webauthn.ES256, func(template *x509.Certificate) {
		template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidAIKIssuer, oidAIK}
	})
}

// ofVersion2 has a certificate say another version than 3. It keeps its extensions,
// so that nothing else is missing.
func ofVersion2(tbs []byte) []byte {
	version3, version2 := []byte{0xa0, 3, asn1.TagInteger, 1, 2}, []byte{0xa0, 3, asn1.TagInteger, 1, 1}
	return bytes.Replace(tbs, version3, version2, 1)
}
