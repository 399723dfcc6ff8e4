package attestation

import (
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying self attestation.
const (
	selfAlgorithm = "WebAuthn L3 §8.2 verification step 3, alg"
	selfSignature = "WebAuthn L3 §8.2 verification step 3, signature"
)

// selfDefects are those of packed statements without a certificate.
var selfDefects = ofSelf(slices.Concat(
	ofMembers(webauthn.FormatPacked, packedSyntax, selfMembers, algDefects...),
	ofMembers(webauthn.FormatPacked, packedSyntax, selfMembers, sigDefects...),
	ofMembers(webauthn.FormatPacked, packedSyntax, selfMembers, extraMember),
	ofMembers(webauthn.FormatPacked, selfSignature, selfMembers, spoiledSignatures...),
	ofMessages(webauthn.FormatPacked, selfSignature, func(d *selfDraft, message func(*Subject) []byte) { d.message = message(d.about) }),
	ofMembers(webauthn.FormatPacked, selfAlgorithm, selfMembers,
		memberDefect{"alg-other", "The statement names another algorithm than the credential's key.", func(s statement) {
			s["alg"] = int64(otherThan(webauthn.Algorithm(s["alg"].(int64)), webauthn.RS256, webauthn.ES256))
		}}),
))

func selfMembers(d *selfDraft) statement { return d.statement }

// ofSelf tells the defects of self attestation from those that have the same name
// with a certificate.
func ofSelf(defects []Defect) []Defect {
	for i := range defects {
		format, what, _ := strings.Cut(defects[i].ID, "/")
		defects[i].ID = format + "/self-" + what
	}
	return defects
}
