package attestation_test

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// tpmDefectsAccepted are the defects that go-webauthn v0.18.2 does not see, and why.
var tpmDefectsAccepted = map[string]string{
	"tpm/aik-san-maker-format": "it takes the prefix away where there is one, and asks for none",
	"tpm/aik-san-not-critical": "it does not look whether the alternative name is critical",
	"tpm/certinfo-trailing":    "go-tpm reads a structure and leaves what follows alone",
}

// tpmDefectsRefused are the others, with a part of what go-webauthn says: each is
// found by the check that it is for.
var tpmDefectsRefused = map[string]string{
	"tpm/aik-aaguid-critical":             "trust chain",
	"tpm/aik-aaguid-other":                "Certificate AAGUID does not match Auth Data certificate",
	"tpm/aik-aaguid-unwrapped":            "Error unmarshalling AAGUID",
	"tpm/aik-ca":                          "AIK certificate basic constraints missing or CA is true",
	"tpm/aik-constraints-missing":         "AIK certificate basic constraints missing or CA is true",
	"tpm/aik-eku-missing":                 "AIK certificate missing EKU",
	"tpm/aik-eku-other":                   "AIK certificate extended key usage missing 2.23.133.8.3",
	"tpm/aik-expired":                     "AIK certificate is either no longer valid or not yet valid",
	"tpm/aik-malformed":                   "Error parsing certificate from ASN.1",
	"tpm/aik-not-yet-valid":               "AIK certificate is either no longer valid or not yet valid",
	"tpm/aik-other-key":                   "Signature validation error",
	"tpm/aik-san-dns":                     "Invalid SAN data in AIK certificate",
	"tpm/aik-san-maker-missing":           "Invalid SAN data in AIK certificate",
	"tpm/aik-san-maker-name":              "Invalid TPM manufacturer",
	"tpm/aik-san-maker-unknown":           "Invalid TPM manufacturer",
	"tpm/aik-san-missing":                 "Invalid SAN data in AIK certificate",
	"tpm/aik-san-model-missing":           "Invalid SAN data in AIK certificate",
	"tpm/aik-san-version-missing":         "Invalid SAN data in AIK certificate",
	"tpm/aik-signature":                   "trust chain",
	"tpm/aik-subject":                     "AIK certificate subject must be empty",
	"tpm/aik-untrusted":                   "trust chain",
	"tpm/aik-version":                     "AIK certificate version must be 3",
	"tpm/alg-missing":                     "Error retrieving alg value",
	"tpm/alg-other":                       "Signature validation error",
	"tpm/alg-unknown":                     "Unsupported COSE alg",
	"tpm/certinfo-empty-name":             "Hash value mismatch attested and pubArea",
	"tpm/certinfo-extradata-client-data":  "ExtraData is not set to hash of attToBeSigned",
	"tpm/certinfo-extradata-empty":        "ExtraData is not set to hash of attToBeSigned",
	"tpm/certinfo-extradata-other":        "ExtraData is not set to hash of attToBeSigned",
	"tpm/certinfo-extradata-other-hash":   "ExtraData is not set to hash of attToBeSigned",
	"tpm/certinfo-extradata-truncated":    "ExtraData is not set to hash of attToBeSigned",
	"tpm/certinfo-magic":                  "Magic is not set to TPM_GENERATED_VALUE",
	"tpm/certinfo-missing":                "Error retrieving certInfo value",
	"tpm/certinfo-name-algorithm":         "Hash value mismatch attested and pubArea",
	"tpm/certinfo-name-other-algorithm":   "Hash value mismatch attested and pubArea",
	"tpm/certinfo-name-other-key":         "Hash value mismatch attested and pubArea",
	"tpm/certinfo-name-without-algorithm": "Hash value mismatch attested and pubArea",
	"tpm/certinfo-sized":                  "ran out of data",
	"tpm/certinfo-truncated":              "ran out of data",
	"tpm/certinfo-type-creation":          "Type is not set to TPM_ST_ATTEST_CERTIFY",
	"tpm/certinfo-type-quote":             "Type is not set to TPM_ST_ATTEST_CERTIFY",
	"tpm/ecdaa-key-id":                    "not yet supported",
	"tpm/pubarea-kind":                    "pubArea and credentialPublicKey",
	"tpm/pubarea-missing":                 "Error retrieving pubArea value",
	"tpm/pubarea-namealg-null":            "unsupported hash algorithm",
	"tpm/pubarea-other-key":               "pubArea and credentialPublicKey",
	"tpm/pubarea-parameters":              "pubArea and credentialPublicKey",
	"tpm/pubarea-sized":                   "Unable to decode TPMT_PUBLIC",
	"tpm/pubarea-tail":                    "pubArea and credentialPublicKey",
	"tpm/pubarea-trailing":                "Hash value mismatch attested and pubArea",
	"tpm/pubarea-truncated":               "Unable to decode TPMT_PUBLIC",
	"tpm/sig-changed":                     "Signature validation error",
	"tpm/sig-empty":                       "Signature validation error",
	"tpm/sig-missing":                     "Error retrieving sig value",
	"tpm/sig-over-client-data":            "Signature validation error",
	"tpm/sig-structure":                   "Signature validation error",
	"tpm/ver-1.2":                         "WebAuthn only supports TPM 2.0 currently",
	"tpm/ver-missing":                     "Error retrieving ver value",
	"tpm/ver-number":                      "Error retrieving ver value",
	"tpm/x5c-empty":                       "Error getting certificate from x5c cert chain",
	"tpm/x5c-incomplete":                  "trust chain",
	"tpm/x5c-missing":                     "not yet supported",
	"tpm/x5c-not-array":                   "not yet supported",
	"tpm/x5c-order":                       "Signature validation error",
}

// tpmDefects are the defects of tpm statements.
func tpmDefects() []attestation.Defect {
	return slices.DeleteFunc(attestation.Defects(), func(d attestation.Defect) bool { return d.Format != webauthn.FormatTPM })
}

// Every defect is refused, whatever the keys are, or its acceptance explained.
func TestTPMDefects(t *testing.T) {
	t.Parallel()
	attesters := map[string]attestation.Attester{
		"RS1":       tpmAttester(t, attestation.TPMOptions{AAGUID: aaguid}),
		"RS256":     tpmAttester(t, attestation.TPMOptions{AAGUID: aaguid, Algorithm: webauthn.RS256}),
		"ES256":     tpmAttester(t, attestation.TPMOptions{AAGUID: aaguid, Algorithm: webauthn.ES256}),
		"otherwise": tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256, NameAlg: crypto.SHA1, NamesScheme: true, Naming: attestation.TPMNamesTogether}),
	}
	for _, d := range tpmDefects() {
		for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.ES512, webauthn.RS256} {
			for aik, whole := range attesters {
				t.Run(d.ID+"/"+alg.String()+" by "+aik, func(t *testing.T) {
					t.Parallel()
					about := subjectWith(t, alg)
					broken, err := d.Break(whole)
					require.NoError(t, err)
					made, err := broken.Attest(about)
					require.NoError(t, err)
					err = verifyTPM(t, made, about, tpmRoot(t))
					if reason := tpmDefectsAccepted[d.ID]; reason != "" {
						assert.NoError(t, err, "refused, so that this is wrong: %s", reason)
					} else {
						assert.Contains(t, whyRefused(t, err), tpmDefectsRefused[d.ID])
					}
					made, err = whole.Attest(about)
					require.NoError(t, err)
					assert.NoError(t, verifyTPM(t, made, about, tpmRoot(t)), "the whole one stays whole")
				})
			}
		}
	}
}

// whyRefused is everything that go-webauthn says.
func whyRefused(t *testing.T, err error) string {
	t.Helper()
	var refusal *protocol.Error
	require.ErrorAs(t, err, &refusal)
	return refusal.Details + " " + refusal.DevInfo + fmt.Sprint(refusal.Err)
}

// A defect is named after its format, says where the text forbids it, and is told in
// one sentence; and what is no tpm attester does not take it.
func TestTPMDefectsAreNamed(t *testing.T) {
	t.Parallel()
	all := tpmDefects()
	assert.GreaterOrEqual(t, len(all), 60)
	assert.True(t, slices.IsSortedFunc(all, func(a, b attestation.Defect) int { return strings.Compare(a.ID, b.ID) }))
	seen := map[string]bool{}
	for _, d := range all {
		assert.True(t, strings.HasPrefix(d.ID, "tpm/"), d.ID)
		assert.False(t, seen[d.ID], d.ID)
		seen[d.ID] = true
		assert.Contains(t, d.Spec, "WebAuthn L3 §", d.ID)
		assert.Regexp(t, `^(extraData|[A-Z]|certInfo|pubArea|x5c).*\.$`, d.Doc, d.ID)
		assert.NotContains(t, d.Doc, ". ", d.ID)
		_, err := d.Break(packedAttester(t))
		assert.ErrorContains(t, err, "of format tpm, not of packed", d.ID)
	}
	assert.Len(t, tpmDefectsRefused, len(all)-len(tpmDefectsAccepted))
}
