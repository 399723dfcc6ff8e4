package attestation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Steps of verifying tpm statements, which have no numbers in the text.
const (
	tpmSyntax             = "WebAuthn L3 §8.3 verification, syntax"
	tpmKey                = "WebAuthn L3 §8.3 verification, pubArea"
	tpmAAGUID             = "WebAuthn L3 §8.3 verification, AAGUID"
	tpmSig                = "WebAuthn L3 §8.3 verification, sig"
	tpmMagic              = "WebAuthn L3 §8.3 verification, certInfo magic"
	tpmType               = "WebAuthn L3 §8.3 verification, certInfo type"
	tpmExtraData          = "WebAuthn L3 §8.3 verification, certInfo extraData"
	tpmAttested           = "WebAuthn L3 §8.3 verification, certInfo attested"
	tpmCertificateVersion = "WebAuthn L3 §8.3.1, version"
	tpmSubject            = "WebAuthn L3 §8.3.1, Subject"
	tpmAltName            = "WebAuthn L3 §8.3.1, Subject Alternative Name"
	tpmUsage              = "WebAuthn L3 §8.3.1, Extended Key Usage"
	tpmConstraints        = "WebAuthn L3 §8.3.1, Basic Constraints"
	tpmAAGUIDExtension    = packedExtension // where alone the text says how it is encoded
)

// tpmDefects are those of tpm statements.
var tpmDefects = slices.Concat(
	ofMembers(webauthn.FormatTPM, tpmSyntax, tpmMembers, algDefects...),
	ofMembers(webauthn.FormatTPM, tpmSyntax, tpmMembers, sigDefects...),
	ofMembers(webauthn.FormatTPM, tpmSyntax, tpmMembers, x5cDefects...),
	ofMembers(webauthn.FormatTPM, tpmSyntax, tpmMembers, x5cMissing, extraMember),
	ofMembers(webauthn.FormatTPM, tpmSyntax, tpmMembers, tpmMemberDefects...),
	ofMembers(webauthn.FormatTPM, tpmSig, tpmMembers, spoiledSignatures...),
	tpmStructureDefects, aikDefects,
	ofChain(webauthn.FormatTPM, tpmChain, chainDefects...),
	ofChain(webauthn.FormatTPM, tpmChain, intermediateDefects...),
	ofChain(webauthn.FormatTPM, tpmChain, orderDefect.foundBy(tpmSyntax)),
)

func tpmMembers(d *tpmDraft) statement { return d.statement }
func tpmChain(d *tpmDraft) *chained    { return &d.chained }

// tpmMemberDefects are of members that other formats do not have.
var tpmMemberDefects = []memberDefect{
	{"certinfo-missing", "There is no certInfo.", func(s statement) { delete(s, "certInfo") }},
	{"ecdaa-key-id", "The statement has the identifier of an ECDAA key, which WebAuthn knew before L2, and no certificates.",
		func(s statement) { delete(s, "x5c"); s["ecdaaKeyId"] = []byte("key") }},
	{"pubarea-missing", "There is no pubArea.", func(s statement) { delete(s, "pubArea") }},
	{"ver-missing", "The statement does not say its version.", func(s statement) { delete(s, "ver") }},
	{"ver-number", "The version is the number 2, where a text belongs.", func(s statement) { s["ver"] = 2 }},
	{"ver-old", "The statement is of version 1.2 of TPMs.", func(s statement) { s["ver"] = "1.2" }},
}

// tpmStructureDefects are those of the statement's members but for x5c.
var tpmStructureDefects = []Defect{
	tpmShaped("alg-other", tpmSig, "The statement names another algorithm than the attestation key signs with; extraData follows what is named.",
		func(d *tpmDraft) { d.algorithm = otherTPMAlgorithm[d.algorithm]; d.hash = algorithms[d.algorithm].hash }),
	tpmSpoilt("alg-unknown", tpmSig, "The statement names an algorithm that there is not.",
		func(d *tpmDraft) { d.statement["alg"] = int64(-1) << 32 }),

	tpmShaped("certinfo-name-empty", tpmAttested, "The name that is attested is empty.",
		func(d *tpmDraft) { d.info.name = []byte{} }),
	tpmShaped("certinfo-extradata-client-data", tpmExtraData, "extraData is the hash of the client data, where that of authenticator data and client data belongs.",
		func(d *tpmDraft) { d.info.extraData = d.about.ClientDataHash }),
	tpmShaped("certinfo-extradata-empty", tpmExtraData, "extraData is empty.",
		func(d *tpmDraft) { d.info.extraData = []byte{} }),
	tpmShaped("certinfo-extradata-other", tpmExtraData, "extraData is the hash of other authenticator data.",
		func(d *tpmDraft) { d.message = slices.Concat(flipped(d.about.AuthData, 0), d.about.ClientDataHash) }),
	tpmShaped("certinfo-extradata-other-hash", tpmExtraData, "extraData is made with another hash than that of alg.",
		func(d *tpmDraft) { d.hash = otherHash[d.hash] }),
	tpmShaped("certinfo-extradata-truncated", tpmExtraData, "extraData is the first half of the hash.",
		func(d *tpmDraft) { d.info.extraData = digest(d.hash, d.message)[:d.hash.Size()/2] }),
	tpmShaped("certinfo-magic", tpmMagic, "The magic number is not that of structures made within a TPM, so that anybody could have had it signed.",
		func(d *tpmDraft) { d.info.magic++ }),
	tpmShaped("certinfo-name-algorithm", tpmAttested, "The name that is attested begins with another algorithm than the one that made its digest.",
		func(d *tpmDraft) { d.info.name = flipped(tpmName(d.area.nameAlg, d.area.encode()), 1) }),
	tpmShaped("certinfo-name-other-algorithm", tpmAttested, "The name that is attested is right for the public area, but made with another algorithm than its nameAlg.",
		func(d *tpmDraft) { d.info.name = tpmName(otherNameAlg(d.area.nameAlg), d.area.encode()) }),
	tpmShaped("certinfo-name-other-key", tpmAttested, "The name that is attested is that of another key.",
		func(d *tpmDraft) { d.info.name = tpmName(d.area.nameAlg, d.otherArea().encode()) }),
	tpmShaped("certinfo-name-without-algorithm", tpmAttested, "The name that is attested is a digest alone, without its algorithm in front.",
		func(d *tpmDraft) { d.info.name = tpmName(d.area.nameAlg, d.area.encode())[2:] }),
	tpmShaped("certinfo-sized", tpmSyntax, "certInfo is a TPM2B_ATTEST: two bytes of length stand in front, signed with the rest.",
		func(d *tpmDraft) { d.encodeInfo = func(info []byte) []byte { return appendSized(nil, info) } }),
	tpmShaped("certinfo-trailing", tpmSyntax, "A byte follows the structure in certInfo, signed with it.",
		func(d *tpmDraft) { d.encodeInfo = trailing }),
	tpmShaped("certinfo-truncated", tpmSyntax, "certInfo, signed as it is, lacks its last byte.",
		func(d *tpmDraft) { d.encodeInfo = truncated }),
	tpmShaped("certinfo-type-creation", tpmType, "What is attested is the creation of a key, in a structure of the same shape.",
		func(d *tpmDraft) { d.info.kind = tpmAttestCreation }),
	tpmShaped("certinfo-type-quote", tpmType, "What is attested is the state of the platform: a quote of no registers.",
		func(d *tpmDraft) {
			nothing := sha256.Sum256(nil)
			d.info.kind, d.info.attested = tpmAttestQuote, appendSized(make([]byte, 4), nothing[:])
		}),

	tpmShaped("pubarea-kind", tpmKey, "The public area is that of a key of another kind: RSA for an ECC credential, ECC for an RSA one.",
		func(d *tpmDraft) { d.area = d.otherKind() }),
	tpmShaped("pubarea-namealg-null", tpmAttested, "The public area names no hash to make names with, and the name that is attested is empty.",
		func(d *tpmDraft) { d.area.nameAlg, d.area.authPolicy = tpmNull, nil }),
	tpmShaped("pubarea-other-key", tpmKey, "The public area, which is named rightly, is that of another key of the same kind.",
		func(d *tpmDraft) { d.area = *d.otherArea() }),
	tpmShaped("pubarea-parameters", tpmKey, "The curve in the public area, or the exponent of an RSA key, is not the credential's.",
		func(d *tpmDraft) {
			d.area.curve, d.area.exponent = otherCurve[d.area.curve], otherExponent(d.area.exponent)
		}),
	tpmShaped("pubarea-sized", tpmSyntax, "pubArea is a TPM2B_PUBLIC: the two bytes of length that TPM2_ReadPublic puts in front were left there.",
		func(d *tpmDraft) { d.encodeArea = func(area []byte) []byte { return appendSized(nil, area) } }),
	tpmShaped("pubarea-tail", tpmKey, "The key in the public area differs from the credential's at its end alone: in the sign of y, or in the last byte of the modulus.",
		func(d *tpmDraft) { d.area.unique = d.otherTail() }),
	tpmShaped("pubarea-trailing", tpmSyntax, "A byte follows the structure in pubArea, named with it.",
		func(d *tpmDraft) { d.encodeArea = trailing }),
	tpmShaped("pubarea-truncated", tpmSyntax, "pubArea, named as it is, lacks its last byte.",
		func(d *tpmDraft) { d.encodeArea = truncated }),

	tpmShaped("sig-by-other-key", tpmSig, "The signature is of another TPM's key than the certificate's.",
		func(d *tpmDraft) { d.key = d.key.other() }),
	tpmShaped("sig-over-client-data", tpmSig, "The signature is over authenticator data and client data, as in packed statements, rather than over certInfo.",
		func(d *tpmDraft) { d.signed = d.message }),
	tpmSpoilt("sig-structure", tpmSig, "The signature is wrapped in a TPMT_SIGNATURE, which the text has by its letter and nobody sends.",
		func(d *tpmDraft) { d.statement["sig"] = tpmSignature(d.key.Algorithm, d.statement["sig"].([]byte)) }),
}

func tpmShaped(what, spec, doc string, shape func(*tpmDraft)) Defect {
	return Defect{ID: webauthn.FormatTPM + "/" + what, Format: webauthn.FormatTPM, Spec: spec, Doc: doc, bend: bend[tpmDraft]{shape: shape}}
}

func tpmSpoilt(what, spec, doc string, spoil func(*tpmDraft)) Defect {
	return Defect{ID: webauthn.FormatTPM + "/" + what, Format: webauthn.FormatTPM, Spec: spec, Doc: doc, bend: bend[tpmDraft]{spoil: spoil}}
}

// What stands in for the right one.
var (
	otherTPMAlgorithm = map[webauthn.Algorithm]webauthn.Algorithm{webauthn.RS1: webauthn.RS256, webauthn.RS256: webauthn.RS1, webauthn.ES256: webauthn.ES384}
	otherHash         = map[crypto.Hash]crypto.Hash{crypto.SHA1: crypto.SHA256, crypto.SHA256: crypto.SHA1}
	otherCurve        = map[uint16]uint16{tpmP256: tpmP384, tpmP384: tpmP256, tpmP521: tpmP256}
)

func otherNameAlg(id uint16) uint16 {
	if id == tpmHashes[crypto.SHA256] {
		return tpmHashes[crypto.SHA1]
	}
	return tpmHashes[crypto.SHA256]
}

func otherExponent(e uint32) uint32 {
	if e == 3 {
		return 17
	}
	return 3
}

func trailing(b []byte) []byte  { return append(b, 0) }
func truncated(b []byte) []byte { return b[:len(b)-1] }

// flipped returns a copy in which the lowest bit of one byte is another.
func flipped(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 1
	return b
}

// otherArea is the public area of another key with the same parameters: of the
// curve's generator, or of another modulus.
func (d *tpmDraft) otherArea() *tpmPublic {
	other := d.area
	if k, ok := d.credential.public.(*ecdsa.PublicKey); ok {
		size := len(d.area.unique[0])
		other.unique = [][]byte{k.Params().Gx.FillBytes(make([]byte, size)), k.Params().Gy.FillBytes(make([]byte, size))}
	} else {
		other.unique = [][]byte{flipped(d.area.unique[0], 1)}
	}
	return &other
}

// otherTail is the point with the same x and the other y, or a modulus that ends
// otherwise and is odd still.
func (d *tpmDraft) otherTail() [][]byte {
	k, ok := d.credential.public.(*ecdsa.PublicKey)
	if !ok {
		modulus := slices.Clone(d.area.unique[0])
		modulus[len(modulus)-1] ^= 2
		return [][]byte{modulus}
	}
	y := new(big.Int).SetBytes(d.area.unique[1])
	return [][]byte{d.area.unique[0], y.Sub(k.Params().P, y).FillBytes(make([]byte, len(d.area.unique[1])))}
}

// otherKind is an area whose key is as long as it needs to be, and nobody's.
func (d *tpmDraft) otherKind() tpmPublic {
	other := d.area
	other.scheme = tpmScheme{}
	if d.area.kind == tpmECC {
		const bytes = 256
		other.kind, other.bits, other.unique = tpmRSA, 8*bytes, [][]byte{slices.Repeat([]byte{0xff}, bytes)}
		return other
	}
	params := elliptic.P256().Params()
	other.kind, other.curve, other.unique = tpmECC, tpmP256, [][]byte{params.Gx.Bytes(), params.Gy.Bytes()}
	return other
}

// tpmSignature is a TPMT_SIGNATURE (TPM 2.0 Part 2, 11.3.4): scheme, hash and
// signature, for ECDSA in its two numbers.
func tpmSignature(algorithm webauthn.Algorithm, signature []byte) []byte {
	out := tpmSchemes[algorithm].append(nil)
	if algorithm != webauthn.ES256 {
		return appendSized(out, signature)
	}
	var numbers struct{ R, S *big.Int }
	_, _ = asn1.Unmarshal(signature, &numbers) // which was just made
	for _, n := range []*big.Int{numbers.R, numbers.S} {
		out = appendSized(out, n.FillBytes(make([]byte, 32)))
	}
	return out
}
