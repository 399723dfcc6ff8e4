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
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// goWebauthnSays is what go-webauthn says of what it refuses, by the step that should
// find it: one of these, or anything where there is none.
var goWebauthnSays = map[string][]string{
	"WebAuthn L3 §8.3 verification, pubArea":            {"pubArea and credentialPublicKey"},
	"WebAuthn L3 §8.3 verification, AAGUID":             {"AAGUID does not match"},
	"WebAuthn L3 §8.3 verification, sig":                {"Signature validation error", "Unsupported COSE alg"},
	"WebAuthn L3 §8.3 verification, certInfo magic":     {"Magic is not set"},
	"WebAuthn L3 §8.3 verification, certInfo type":      {"Type is not set"},
	"WebAuthn L3 §8.3 verification, certInfo extraData": {"ExtraData is not set"},
	"WebAuthn L3 §8.3 verification, certInfo attested":  {"Hash value mismatch", "unsupported hash algorithm"},
	"WebAuthn L3 §8.3.1, version":                       {"version must be 3"},
	"WebAuthn L3 §8.3.1, Subject":                       {"subject must be empty"},
	"WebAuthn L3 §8.3.1, Subject Alternative Name":      {"Invalid SAN data", "Invalid TPM manufacturer"},
	"WebAuthn L3 §8.3.1, Extended Key Usage":            {"missing EKU", "extended key usage missing"},
	"WebAuthn L3 §8.3.1, Basic Constraints":             {"basic constraints missing or CA is true"},
	"WebAuthn L3 §7.1 step 24, path":                    {"trust chain"},
	"WebAuthn L3 §7.1 step 24, validity":                {"no longer valid or not yet valid", "trust chain"},
}

// tpmDefects are the defects of tpm statements.
func tpmDefects() []attestation.Defect {
	return slices.DeleteFunc(attestation.Defects(), func(d attestation.Defect) bool { return d.Format != webauthn.FormatTPM })
}

// Every defect has its one effect whatever the keys are, and go-webauthn refuses it by
// the check that it is for, or its acceptance is explained.
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
					assert.Equal(t, []string{d.Spec}, tpmFailures(t, made, about))
					err = verifyTPM(t, made, about, tpmRoot(t))
					if reason, accepted := attestationtest.GoWebauthn.Accepts(d.ID); accepted {
						assert.NoError(t, err, "refused, so that this is wrong: %s", reason)
					} else {
						assert.True(t, says(whyRefused(t, err), goWebauthnSays[d.Spec]), "%s: %s", d.Spec, whyRefused(t, err))
					}
					made, err = whole.Attest(about)
					require.NoError(t, err)
					assert.NoError(t, verifyTPM(t, made, about, tpmRoot(t)), "the whole one stays whole")
				})
			}
		}
	}
}

// says reports whether a text has one of some parts, if there are any.
func says(text string, parts []string) bool {
	has := func(part string) bool { return strings.Contains(text, part) }
	return len(parts) == 0 || slices.ContainsFunc(parts, has)
}

// whyRefused is everything that go-webauthn says.
func whyRefused(t *testing.T, err error) string {
	t.Helper()
	var refusal *protocol.Error
	require.ErrorAs(t, err, &refusal)
	return refusal.Details + " " + refusal.DevInfo + fmt.Sprint(refusal.Err)
}
