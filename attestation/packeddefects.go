package attestation

import "github.com/passkeylab/passkeylab/webauthn"

// packedDefects are those of packed statements with a certificate.
var packedDefects = []Defect{
	packedDefect("packed/alg-missing", "WebAuthn L3 §8.2 verification step 1",
		"The statement does not say which algorithm it is signed with.",
		bend[packedDraft]{spoil: func(d *packedDraft) { delete(d.statement, "alg") }}),
	packedDefect("packed/leaf-expired", "WebAuthn L3 §8.2 verification step 2",
		"The attestation certificate expired a day before the ceremony.",
		bend[packedDraft]{shape: func(d *packedDraft) { d.leaf.template.NotAfter = d.about.Time.AddDate(0, 0, -1) }}),
}

func packedDefect(id, spec, doc string, b bend[packedDraft]) Defect {
	return Defect{ID: id, Format: webauthn.FormatPacked, Spec: spec, Doc: doc, bend: b}
}
