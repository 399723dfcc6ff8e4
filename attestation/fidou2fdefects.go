package attestation

import (
	"slices"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying fido-u2f statements.
const (
	u2fSyntax      = "WebAuthn L3 §8.6 verification step 1"
	u2fCertificate = "WebAuthn L3 §8.6 verification step 2"
	u2fSignature   = "WebAuthn L3 §8.6 verification step 6"
)

// u2fDefects are those of fido-u2f statements.
var u2fDefects = slices.Concat(
	ofMembers(webauthn.FormatFIDOU2F, u2fSyntax, u2fMembers, sigDefects...),
	ofMembers(webauthn.FormatFIDOU2F, u2fSyntax, u2fMembers, x5cDefects...),
	ofMembers(webauthn.FormatFIDOU2F, u2fSyntax, u2fMembers, x5cMissing, extraMember),
	ofMembers(webauthn.FormatFIDOU2F, u2fSignature, u2fMembers, spoiledSignatures...),
	u2fMessages,
	ofChain(webauthn.FormatFIDOU2F, u2fChain, chainDefects...),
	[]Defect{
		u2fDefect("x5c-two", u2fCertificate, "There are two certificates in x5c, where there must be one.",
			func(d *u2fDraft) {
				d.superior = below
				d.rearrange = func(x5c [][]byte, _ *Authority) [][]byte { return x5c[:2] }
			}),
		u2fDefect("leaf-p384", u2fCertificate, "The certificate's key is on the curve P-384, and its signature is right.",
			func(d *u2fDraft) {
				key, err := NewKey(d.leaf.issuer.ca.secret, "fido-u2f of another curve", webauthn.ES384)
				if err != nil {
					return // of constants, so that there is none
				}
				d.key, d.leaf.public = &Key{Algorithm: webauthn.ES256, signer: key.signer}, key.Public()
			}),
	},
)

func u2fMembers(d *u2fDraft) statement { return d.statement }
func u2fChain(d *u2fDraft) *chained    { return &d.chained }

func u2fDefect(what, spec, doc string, shape func(*u2fDraft)) Defect {
	return Defect{ID: webauthn.FormatFIDOU2F + "/" + what, Format: webauthn.FormatFIDOU2F, Spec: spec, Doc: doc, bend: bend[u2fDraft]{shape: shape}}
}

// u2fMessages are of what is signed, and by whom.
var u2fMessages = []Defect{
	u2fDefect("sig-by-other-key", u2fSignature, "The signature is of another key than the certificate's.",
		func(d *u2fDraft) { d.key = d.key.other() }),
	u2fDefect("sig-reserved-byte", u2fSignature, "The signature is over a message that begins with 0x05, as the answer to a U2F registration does.",
		func(d *u2fDraft) { d.message.reserved = 5 }),
	u2fDefect("sig-without-reserved-byte", u2fSignature, "The signature is over a message without the zero that it begins with.",
		func(d *u2fDraft) { d.message.leavesReservedAway = true }),
	u2fDefect("sig-other-rp", u2fSignature, "The signature is over the hash of another RP ID.",
		func(d *u2fDraft) { d.message.application = bitFlipped(d.message.application) }),
	u2fDefect("sig-other-client-data", u2fSignature, "The signature is over the hash of other client data.",
		func(d *u2fDraft) { d.message.challenge = bitFlipped(d.message.challenge) }),
	u2fDefect("sig-other-credential", u2fSignature, "The signature is over another credential ID.",
		func(d *u2fDraft) { d.message.keyHandle = append(slices.Clone(d.message.keyHandle), 0) }),
	u2fDefect("sig-other-public-key", u2fSignature, "The signature is over another public key than the credential's.",
		func(d *u2fDraft) { d.message.userPublicKey = bitFlipped(d.message.userPublicKey) }),
	u2fDefect("sig-compressed-point", u2fSignature, "The signature is over the public key in its compressed form.",
		func(d *u2fDraft) {
			const coordinate = 32
			point := d.message.userPublicKey
			d.message.userPublicKey = append([]byte{2 + point[len(point)-1]&1}, point[1:1+coordinate]...)
		}),
	u2fDefect("sig-over-packed", u2fSignature, "The signature is over authenticator data and the client data's hash, as in packed statements.",
		func(d *u2fDraft) {
			d.message = u2fMessage{application: d.about.AuthData, challenge: d.about.ClientDataHash, leavesReservedAway: true}
		}),
}
