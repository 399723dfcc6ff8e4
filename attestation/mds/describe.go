package mds

import (
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// algorithmWords are the FIDO Registry's names of signature algorithms. It has none
// for what came after it, such as ML-DSA.
var algorithmWords = map[webauthn.Algorithm]string{
	webauthn.ES256: "secp256r1_ecdsa_sha256_raw", webauthn.ESP256: "secp256r1_ecdsa_sha256_raw",
	webauthn.ES384: "secp384r1_ecdsa_sha384_raw", webauthn.ESP384: "secp384r1_ecdsa_sha384_raw",
	webauthn.ES512: "secp521r1_ecdsa_sha512_raw", webauthn.ESP512: "secp521r1_ecdsa_sha512_raw",
	webauthn.ES256K: "secp256k1_ecdsa_sha256_raw",
	webauthn.EdDSA:  "ed25519_eddsa_sha512_raw", webauthn.Ed25519: "ed25519_eddsa_sha512_raw",
	webauthn.Ed448: "ed448_eddsa_sha512_raw",
	webauthn.RS256: "rsassa_pkcsv15_sha256_raw", webauthn.PS256: "rsassa_pss_sha256_raw",
}

// AlgorithmWord is what metadata call a signature algorithm, or "".
func AlgorithmWord(a webauthn.Algorithm) string { return algorithmWords[a] }

// Key describes a security key that keeps its keys in hardware and signs ES256. With
// roots (DER) it attests with a certificate under one of them, without any by the
// credential itself. Change what is different.
func Key(id webauthn.AAGUID, description string, roots ...[]byte) *Statement {
	s := &Statement{
		AAGUID: id.String(), Description: description, AuthenticatorVersion: 1,
		ProtocolFamily: "fido2", Schema: 3, UPV: []Version{{Major: 1, Minor: 1}},
		AuthenticationAlgorithms: []string{AlgorithmWord(webauthn.ES256)}, PublicKeyAlgAndEncodings: []string{"cose"},
		AttestationTypes: []AttestationType{BasicFull},
		UserVerificationDetails: [][]VerificationMethod{
			{{UserVerificationMethod: "fingerprint_internal", BiometricAccuracy: &BiometricAccuracy{SelfAttestedFRR: 0.03, SelfAttestedFAR: 0.00002, MaxTemplates: 5, MaxRetries: 3}}},
			{{UserVerificationMethod: "passcode_external", CodeAccuracy: &CodeAccuracy{Base: 64, MinLength: 4, MaxRetries: 8}}},
			{{UserVerificationMethod: "presence_internal"}},
		},
		KeyProtection: []string{"hardware", "secure_element"}, MatcherProtection: []string{"on_chip"},
		CryptoStrength: 128, AttachmentHint: []string{"external", "wired"}, TCDisplay: []string{},
		AttestationRootCertificates: slices.Clone(roots), MultiDeviceCredentialSupport: MultiDeviceUnsupported,
	}
	if len(roots) == 0 {
		s.AttestationTypes, s.AttestationRootCertificates = []AttestationType{BasicSurrogate}, [][]byte{}
	}
	return s
}

// Provider describes an app that keeps passkeys in software, syncs them and attests
// to nothing.
func Provider(id webauthn.AAGUID, description string) *Statement {
	s := Key(id, description)
	s.AttestationTypes = []AttestationType{NoAttestation}
	s.UserVerificationDetails = [][]VerificationMethod{{{UserVerificationMethod: "passcode_internal"}}}
	s.KeyProtection, s.MatcherProtection = []string{"software"}, []string{"software"}
	s.AttachmentHint, s.MultiDeviceCredentialSupport = []string{"internal"}, MultiDeviceImplicit
	return s
}

// Answering completes a statement by what its model answers to getInfo: that answer
// itself, and the algorithms in it.
func (s *Statement) Answering(r *ctap.GetInfoResponse) *Statement {
	s.AuthenticatorGetInfo = GetInfoOf(r)
	var words []string
	for _, a := range r.Algorithms {
		if word := AlgorithmWord(webauthn.Algorithm(a.Algorithm)); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if words != nil {
		s.AuthenticationAlgorithms = words
	}
	return s
}

// EntryOf is the entry of a statement, with the reports that there are.
func EntryOf(s *Statement, reports ...StatusReport) Entry {
	return Entry{
		AAID: s.AAID, AAGUID: s.AAGUID, AttestationCertificateKeyIdentifiers: s.AttestationCertificateKeyIdentifiers,
		MetadataStatement: s, StatusReports: reports,
	}
}
