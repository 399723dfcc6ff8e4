package attestation

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying packed statements.
const (
	packedSyntax      = "WebAuthn L3 §8.2 verification step 1"
	packedSignature   = "WebAuthn L3 §8.2 verification step 2, signature"
	packedAAGUID      = "WebAuthn L3 §8.2 verification step 2, AAGUID"
	packedVersion     = "WebAuthn L3 §8.2.1, version"
	packedCountry     = "WebAuthn L3 §8.2.1, Subject-C"
	packedVendor      = "WebAuthn L3 §8.2.1, Subject-O"
	packedUnit        = "WebAuthn L3 §8.2.1, Subject-OU"
	packedCommonName  = "WebAuthn L3 §8.2.1, Subject-CN"
	packedExtension   = "WebAuthn L3 §8.2.1, AAGUID extension"
	packedConstraints = "WebAuthn L3 §8.2.1, Basic Constraints"
	packedFirmware    = "WebAuthn L3 §8.2.1, firmware extension"
	packedSerial      = "WebAuthn L3 §8.2.2"
)

// packedDefects are those of packed statements with a certificate.
var packedDefects = slices.Concat(
	ofMembers(webauthn.FormatPacked, packedSyntax, packedMembers, algDefects...),
	ofMembers(webauthn.FormatPacked, packedSyntax, packedMembers, sigDefects...),
	ofMembers(webauthn.FormatPacked, packedSyntax, packedMembers, x5cDefects...),
	ofMembers(webauthn.FormatPacked, packedSyntax, packedMembers, extraMember,
		memberDefect{"ecdaa-key-id", "The statement has the member ecdaaKeyId, which WebAuthn knew before L2.", func(s statement) { s["ecdaaKeyId"] = []byte("key") }}),
	ofMembers(webauthn.FormatPacked, packedSignature, packedMembers, spoiledSignatures...),
	ofMessages(webauthn.FormatPacked, packedSignature, func(d *packedDraft, message func(*Subject) []byte) { d.message = message(d.about) }),
	packedSigners, packedSubjects, packedExtensions,
	ofChain(webauthn.FormatPacked, packedChain, chainDefects...),
	ofChain(webauthn.FormatPacked, packedChain, intermediateDefects...),
	ofChain(webauthn.FormatPacked, packedChain, orderDefect.foundBy(packedSyntax), anchorDefect),
)

func packedMembers(d *packedDraft) statement { return d.statement }
func packedChain(d *packedDraft) *chained    { return &d.chained }

// packedDefect is one of the draft before anything is certified or signed.
func packedDefect(what, spec, doc string, shape func(*packedDraft)) Defect {
	return Defect{ID: webauthn.FormatPacked + "/" + what, Format: webauthn.FormatPacked, Spec: spec, Doc: doc, bend: bend[packedDraft]{shape: shape}}
}

// packedSigners are of which key signs, and by which algorithm it says it does.
var packedSigners = []Defect{
	packedDefect("alg-other-curve", packedSignature, "The statement names an algorithm of another curve than the key's, as ES384 in place of ES256.",
		func(d *packedDraft) { d.algorithm = otherThan(d.algorithm, webauthn.ES384, webauthn.ES256) }),
	packedDefect("alg-other-key-type", packedSignature, "The statement names an algorithm of another kind of key, as RS256 in place of ES256.",
		func(d *packedDraft) { d.algorithm = otherThan(d.algorithm, webauthn.RS256, webauthn.ES256) }),
	packedDefect("alg-unknown", packedSignature, "The statement says that it is signed by HMAC, which nobody else could verify.",
		func(d *packedDraft) { d.algorithm = 5 }),
	packedDefect("sig-by-other-key", packedSignature, "The signature is of another batch's key than the certificate's.",
		func(d *packedDraft) { d.key = d.key.other() }),
	{ID: "packed/sig-by-credential", Format: webauthn.FormatPacked, Spec: packedSignature,
		Doc: "The credential's own key signed, though there is a certificate of the maker's.",
		bend: bend[packedDraft]{spoil: func(d *packedDraft) {
			signature, err := d.about.Sign(d.message)
			if err != nil {
				signature = nil // and so wrong as well
			}
			d.statement["sig"] = signature
		}}},
}

// packedSubjects are of the version of the certificate and the name it is for.
var packedSubjects = []Defect{
	packedDefect("version-1", packedVersion, "The certificate is one of X.509 version 1, without extensions.",
		func(d *packedDraft) { d.leaf.template.Version = 1 }),
	packedDefect("version-2", packedVersion, "The certificate is one of X.509 version 2, without extensions.",
		func(d *packedDraft) { d.leaf.template.Version = 2 }),
	packedSubject("subject-c-missing", packedCountry, "The subject has no country.", country),
	packedSubject("subject-c-lower-case", packedCountry, "The subject's country is written in small letters.", country, "se"),
	packedSubject("subject-c-three-letters", packedCountry, "The subject's country is given by a code of three letters, of ISO 3166-1 alpha-3.", country, "SWE"),
	packedSubject("subject-c-unassigned", packedCountry, "The subject's country is a code that no country has.", country, "OO"),
	packedSubject("subject-c-twice", packedCountry, "The subject has two countries.", country, "SE", "US"),
	packedSubject("subject-o-missing", packedVendor, "The subject has no organization.", organization),
	packedSubject("subject-o-empty", packedVendor, "The subject's organization is an empty string.", organization, ""),
	packedDefect("subject-o-printable", packedVendor, "The subject's organization is a PrintableString.",
		func(d *packedDraft) {
			d.leaf.template.RawSubject, _ = encodeNameAs(d.leaf.template.Subject, func(id asn1.ObjectIdentifier) cbasn1.Tag {
				if id.Equal(organization) {
					return cbasn1.PrintableString
				}
				return cbasn1.UTF8String
			})
		}),
	packedSubject("subject-ou-missing", packedUnit, "The subject has no organizational unit.", unit),
	packedSubject("subject-ou-other", packedUnit, `The subject's organizational unit is not "Authenticator Attestation".`, unit, "Authenticator attestation"),
	packedSubject("subject-ou-twice", packedUnit, "The subject has the organizational unit that it should have, and another.", unit, "Authenticator Attestation", "Quality"),
	packedSubject("subject-cn-missing", packedCommonName, "The subject has no common name.", commonName),
}

// packedSubject puts other values in place of an attribute of the subject.
func packedSubject(what, spec, doc string, id asn1.ObjectIdentifier, values ...string) Defect {
	return packedDefect(what, spec, doc, func(d *packedDraft) {
		var changed []attribute
		placed := false
		for _, set := range d.leaf.template.Subject.ToRDNSequence() {
			for _, part := range set {
				if !part.Type.Equal(id) {
					changed = append(changed, part)
					continue
				}
				for _, value := range values {
					if !placed {
						changed = append(changed, attribute{Type: id, Value: value})
					}
				}
				placed = true
			}
		}
		d.leaf.template.Subject = pkix.Name{ExtraNames: changed}
	})
}

// packedExtensions are of the certificate's extensions.
var packedExtensions = []Defect{
	packedDefect("ca-true", packedConstraints, "The attestation certificate is one of an authority.",
		func(d *packedDraft) { d.leaf.template.IsCA = true }),
	packedDefect("basic-constraints-missing", packedConstraints, "The certificate does not say whether it is one of an authority.",
		func(d *packedDraft) { d.leaf.template.BasicConstraintsValid = false }),
	packedAAGUIDDefect("aaguid-other", packedAAGUID, "The certificate is for another model's AAGUID.",
		func(id webauthn.AAGUID) pkix.Extension { id[0] ^= 1; return aaguidExtension(id) }),
	packedAAGUIDDefect("aaguid-zero", packedAAGUID, "The AAGUID in the certificate is zero.",
		func(webauthn.AAGUID) pkix.Extension { return aaguidExtension(webauthn.AAGUID{}) }),
	packedAAGUIDDefect("aaguid-critical", packedExtension, "The certificate's extension with the AAGUID is critical.",
		func(id webauthn.AAGUID) pkix.Extension { e := aaguidExtension(id); e.Critical = true; return e }),
	packedAAGUIDDefect("aaguid-single-wrapped", packedExtension, "The AAGUID stands in one OCTET STRING, not in two.",
		func(id webauthn.AAGUID) pkix.Extension { return pkix.Extension{Id: oidAAGUID, Value: id[:]} }),
	packedAAGUIDDefect("aaguid-empty", packedExtension, "The certificate's extension with the AAGUID has an empty OCTET STRING inside.",
		func(webauthn.AAGUID) pkix.Extension { return pkix.Extension{Id: oidAAGUID, Value: octets(nil)} }),
	packedAAGUIDDefect("aaguid-short", packedExtension, "The AAGUID in the certificate has 15 bytes.",
		func(id webauthn.AAGUID) pkix.Extension { return pkix.Extension{Id: oidAAGUID, Value: octets(id[:15])} }),
	packedAAGUIDDefect("aaguid-trailing-byte", packedExtension, "A byte follows the AAGUID in the certificate's extension.",
		func(id webauthn.AAGUID) pkix.Extension {
			return pkix.Extension{Id: oidAAGUID, Value: append(octets(id[:]), 0)}
		}),
	packedDefect("firmware-critical", packedFirmware, "The certificate's extension with the firmware version is critical.",
		func(d *packedDraft) {
			e := FirmwareExtension(1)
			e.Critical = true
			d.leaf.replace(e)
		}),
	packedDefect("firmware-negative", packedFirmware, "The firmware version in the certificate is below zero.",
		func(d *packedDraft) { d.leaf.replace(FirmwareExtension(-1)) }),
	packedDefect("serial-without-enterprise", packedSerial, "The certificate names one device, where the relying party has not asked for enterprise attestation.",
		func(d *packedDraft) { d.leaf.replace(SerialExtension([]byte("serial number 1"))) }),
}

func packedAAGUIDDefect(what, spec, doc string, extension func(webauthn.AAGUID) pkix.Extension) Defect {
	return packedDefect(what, spec, doc, func(d *packedDraft) {
		c, err := d.about.credential()
		if err != nil {
			return // Attest has refused it, or any verifier will
		}
		d.leaf.replace(extension(c.Attested.AAGUID))
	})
}
