package attestation

import (
	"crypto/x509/pkix"
	"encoding/asn1"
)

// aikDefects are those of the attestation key's certificate in tpm statements.
var aikDefects = []Defect{
	tpmShaped("aaguid-critical", tpmAAGUIDExtension, "The certificate's extension with the AAGUID is critical.",
		func(d *tpmDraft) {
			e := aaguidExtension(d.credential.Attested.AAGUID)
			e.Critical = true
			d.leaf.replace(e)
		}),
	tpmShaped("aaguid-other", tpmAAGUID, "The certificate is for another model's AAGUID.",
		func(d *tpmDraft) {
			id := d.credential.Attested.AAGUID
			id[0] ^= 1
			d.leaf.replace(aaguidExtension(id))
		}),
	tpmShaped("aaguid-single-wrapped", tpmAAGUIDExtension, "The AAGUID stands in one OCTET STRING, not in two.",
		func(d *tpmDraft) {
			d.leaf.replace(pkix.Extension{Id: oidAAGUID, Value: d.credential.Attested.AAGUID[:]})
		}),
	tpmShaped("basic-constraints-missing", tpmConstraints, "The certificate does not say whether it is one of an authority.",
		func(d *tpmDraft) { d.leaf.template.BasicConstraintsValid = false }),
	tpmShaped("ca-true", tpmConstraints, "The attestation certificate is one of an authority.",
		func(d *tpmDraft) { d.leaf.template.IsCA = true }),
	tpmShaped("eku-missing", tpmUsage, "The certificate does not say what its key may be used for.",
		func(d *tpmDraft) { d.leaf.template.UnknownExtKeyUsage = nil }),
	tpmShaped("eku-other", tpmUsage, "The certificate is for an endorsement key, not for one that attests.",
		func(d *tpmDraft) { d.leaf.template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidEK} }),
	tpmShaped("san-dns", tpmAltName, "The alternative name is one of a host.",
		func(d *tpmDraft) { d.san.dns = "tpm.passkeylab.test" }),
	tpmShaped("san-manufacturer-letters", tpmAltName, "The manufacturer is named in letters, where a number in hexadecimal belongs.",
		func(d *tpmDraft) { d.san.set(oidTPMManufacturer, "NTC") }),
	tpmShaped("san-manufacturer-missing", tpmAltName, "The alternative name does not name the manufacturer.",
		func(d *tpmDraft) { d.san.drop(oidTPMManufacturer) }),
	tpmShaped("san-manufacturer-unknown", tpmAltName, "The manufacturer is none that the TCG's registry has.",
		func(d *tpmDraft) { d.san.set(oidTPMManufacturer, "id:504B4C42") }),
	tpmShaped("san-manufacturer-without-id", tpmAltName, "The manufacturer's number lacks the letters id and the colon in front.",
		func(d *tpmDraft) { d.san.set(oidTPMManufacturer, d.san.parts[0].value[len("id:"):]) }),
	tpmShaped("san-missing", tpmAltName, "The certificate, whose subject is empty, has no alternative name either.",
		func(d *tpmDraft) { d.san = nil }),
	tpmShaped("san-model-missing", tpmAltName, "The alternative name does not name the model.",
		func(d *tpmDraft) { d.san.drop(oidTPMModel) }),
	tpmShaped("san-not-critical", tpmAltName, "The alternative name is not critical, though the subject is empty (RFC 5280 §4.2.1.6).",
		func(d *tpmDraft) { d.san.optional = true }),
	tpmShaped("san-version-missing", tpmAltName, "The alternative name does not name the version.",
		func(d *tpmDraft) { d.san.drop(oidTPMVersion) }),
	tpmShaped("subject-not-empty", tpmSubject, "The certificate has a subject, which is to be empty.",
		func(d *tpmDraft) {
			d.leaf.template.Subject = named(attribute{Type: commonName, Value: "Passkeylab Test TPM"})
		}),
	tpmShaped("version-1", tpmCertificateVersion, "The certificate is one of X.509 version 1, without extensions.",
		func(d *tpmDraft) { d.leaf.template.Version = 1 }),
	tpmShaped("version-2", tpmCertificateVersion, "The certificate is one of X.509 version 2, without extensions.",
		func(d *tpmDraft) { d.leaf.template.Version = 2 }),
}
