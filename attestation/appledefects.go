package attestation

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"slices"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying apple statements.
const (
	appleSyntax = "WebAuthn L3 §8.8 verification step 1"
	appleNonces = "WebAuthn L3 §8.8 verification step 4"
	appleKey    = "WebAuthn L3 §8.8 verification step 5"
)

// appleDefects are those of apple statements. Members beyond x5c are none of them,
// since Apple's own statements have one.
var appleDefects = slices.Concat(
	ofMembers(webauthn.FormatApple, appleSyntax, appleMembers, x5cDefects...),
	ofMembers(webauthn.FormatApple, appleSyntax, appleMembers, x5cMissing),
	appleNonceDefects,
	[]Defect{
		appleDefect("other-public-key", appleKey, "The certificate is for another key than the credential's.",
			func(d *appleDraft) { d.leaf.public = publicOf(d.leaf.issuer.ca.secret, "apple, another credential") }),
	},
	ofChain(webauthn.FormatApple, appleChain, chainDefects...),
	ofChain(webauthn.FormatApple, appleChain, intermediateDefects...),
	ofChain(webauthn.FormatApple, appleChain, orderDefect.foundBy(appleSyntax), anchorDefect),
)

func appleMembers(d *appleDraft) statement { return d.statement }
func appleChain(d *appleDraft) *chained    { return &d.chained }

func appleDefect(what, spec, doc string, shape func(*appleDraft)) Defect {
	return Defect{ID: webauthn.FormatApple + "/" + what, Format: webauthn.FormatApple, Spec: spec, Doc: doc, bend: bend[appleDraft]{shape: shape}}
}

var appleNonceDefects = []Defect{
	appleDefect("nonce-missing", appleNonces, "The certificate has no nonce.",
		func(d *appleDraft) { d.wrap = nil }),
	appleDefect("nonce-bit-flip", appleNonces, "One bit of the nonce is flipped.",
		func(d *appleDraft) {
			d.wrap = func(nonce []byte) pkix.Extension { return appleNonce(bitFlipped(nonce)) }
		}),
	appleDefect("nonce-other-client-data", appleNonces, "The nonce is made of the hash of other client data.",
		func(d *appleDraft) { d.nonced = slices.Concat(d.about.AuthData, bitFlipped(d.about.ClientDataHash)) }),
	appleDefect("nonce-client-data-first", appleNonces, "The nonce is made of client data before authenticator data.",
		func(d *appleDraft) { d.nonced = slices.Concat(d.about.ClientDataHash, d.about.AuthData) }),
	appleDefect("nonce-without-auth-data", appleNonces, "The nonce is made of the client data's hash alone.",
		func(d *appleDraft) { d.nonced = d.about.ClientDataHash }),
	appleDefect("nonce-short", appleNonces, "The nonce has 20 bytes, the first of those that it should have.",
		func(d *appleDraft) {
			const sha1Size = 20
			d.wrap = func(nonce []byte) pkix.Extension { return appleNonce(nonce[:sha1Size]) }
		}),
	appleDefect("nonce-hashed-twice", appleNonces, "The nonce is the hash of the hash that it should be.",
		func(d *appleDraft) {
			sum := sha256.Sum256(d.nonced)
			d.nonced = sum[:]
		}),
	appleDefect("nonce-unwrapped", appleNonces, "The nonce stands in an OCTET STRING alone.",
		func(d *appleDraft) {
			d.wrap = func(nonce []byte) pkix.Extension {
				return pkix.Extension{Id: oidAppleNonce, Value: octets(nonce)}
			}
		}),
}
