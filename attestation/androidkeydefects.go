package attestation

import (
	"slices"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying android-key statements, whose text does not number them.
const (
	androidSyntax       = "WebAuthn L3 §8.4 verification, syntax"
	androidSignature    = "WebAuthn L3 §8.4 verification, signature"
	androidPublicKey    = "WebAuthn L3 §8.4 verification, public key"
	androidChallenge    = "WebAuthn L3 §8.4 verification, attestationChallenge"
	androidApplications = "WebAuthn L3 §8.4 verification, allApplications"
	androidOrigin       = "WebAuthn L3 §8.4 verification, origin"
	androidPurpose      = "WebAuthn L3 §8.4 verification, purpose"
	androidExtension    = "WebAuthn L3 §8.4.1"
	androidBoot         = "WebAuthn L3 §8.4.1, rootOfTrust"
)

// androidKeyDefects are those of android-key statements.
var androidKeyDefects = slices.Concat(
	ofMembers(webauthn.FormatAndroidKey, androidSyntax, androidMembers, algDefects...),
	ofMembers(webauthn.FormatAndroidKey, androidSyntax, androidMembers, sigDefects...),
	ofMembers(webauthn.FormatAndroidKey, androidSyntax, androidMembers, x5cDefects...),
	ofMembers(webauthn.FormatAndroidKey, androidSyntax, androidMembers, x5cMissing, extraMember),
	ofMembers(webauthn.FormatAndroidKey, androidSignature, androidMembers, spoiledSignatures...),
	ofMessages(webauthn.FormatAndroidKey, androidSignature, func(d *androidKeyDraft, message func(*Subject) []byte) { d.message = message(d.about) }),
	androidKeys, androidDescriptions,
	ofChain(webauthn.FormatAndroidKey, androidChain, chainDefects...),
	ofChain(webauthn.FormatAndroidKey, androidChain, intermediateDefects...),
	ofChain(webauthn.FormatAndroidKey, androidChain, orderDefect.foundBy(androidSyntax)),
)

func androidMembers(d *androidKeyDraft) statement { return d.statement }
func androidChain(d *androidKeyDraft) *chained    { return &d.chained }

func androidDefect(what, spec, doc string, shape func(*androidKeyDraft)) Defect {
	return Defect{ID: webauthn.FormatAndroidKey + "/" + what, Format: webauthn.FormatAndroidKey, Spec: spec, Doc: doc, bend: bend[androidKeyDraft]{shape: shape}}
}

// androidKeys are of which key is certified and which one signs.
var androidKeys = []Defect{
	androidDefect("alg-other", androidSignature, "The statement names another algorithm than the signature's.",
		func(d *androidKeyDraft) { d.algorithm = otherThan(d.algorithm, webauthn.ES384, webauthn.ES256) }),
	androidDefect("other-public-key", androidPublicKey, "The certificate is for another key than the credential's, and that key signed.",
		func(d *androidKeyDraft) {
			key, err := NewKey(d.leaf.issuer.ca.secret, "android-key, another credential", webauthn.ES256)
			if err != nil {
				return // of a constant algorithm, so that there is none
			}
			d.leaf.public, d.sign, d.algorithm = key.Public(), key.Sign, key.Algorithm
		}),
	androidDefect("sig-by-other-key", androidSignature, "The signature is of another key than the credential's.",
		func(d *androidKeyDraft) {
			if key, err := NewKey(d.leaf.issuer.ca.secret, "android-key, another signer", webauthn.ES256); err == nil {
				d.sign = key.Sign
			}
		}),
}

// androidDescriptions are of what the certificate's extension says.
var androidDescriptions = []Defect{
	androidDefect("description-missing", androidExtension, "The certificate does not describe the key.",
		func(d *androidKeyDraft) { d.description = nil }),
	androidDefect("challenge-other", androidChallenge, "The challenge is the hash of other client data.",
		func(d *androidKeyDraft) { d.description.challenge = bitFlipped(d.about.ClientDataHash) }),
	androidDefect("challenge-empty", androidChallenge, "The challenge is empty.",
		func(d *androidKeyDraft) { d.description.challenge = nil }),
	androidDefect("challenge-nonce", androidChallenge, "The challenge is made as in other formats, of authenticator data too.",
		func(d *androidKeyDraft) { d.description.challenge = d.about.message() }),
	androidDefect("all-applications-hardware", androidApplications, "Every application may use the key, by what hardware enforces.",
		func(d *androidKeyDraft) { d.description.hardware[tagAllApplications] = asn1Null }),
	androidDefect("all-applications-software", androidApplications, "Every application may use the key, by what software enforces.",
		func(d *androidKeyDraft) { d.description.software[tagAllApplications] = asn1Null }),
	androidDefect("origin-imported", androidOrigin, "The key was imported.",
		func(d *androidKeyDraft) { d.enforced()[tagOrigin] = integer(originImported) }),
	androidDefect("origin-missing", androidOrigin, "Nothing is said about where the key is from.",
		func(d *androidKeyDraft) { delete(d.enforced(), tagOrigin) }),
	androidDefect("purpose-verify", androidPurpose, "The key may verify, and may not sign.",
		func(d *androidKeyDraft) { d.enforced()[tagPurpose] = integers(purposeVerify) }),
	androidDefect("purpose-empty", androidPurpose, "The key has no purpose.",
		func(d *androidKeyDraft) { d.enforced()[tagPurpose] = integers() }),
	androidDefect("purpose-missing", androidPurpose, "Nothing is said about what the key is for.",
		func(d *androidKeyDraft) { delete(d.enforced(), tagPurpose) }),
	androidDefect("boot-unlocked", androidBoot, "The device's boot loader is unlocked, and runs any system.",
		func(d *androidKeyDraft) {
			d.enforced()[tagRootOfTrust] = rootOfTrust(make([]byte, 32), false, bootUnverified, make([]byte, 32))
		}),
}
