//go:build interop

package relyingparties_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/known"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/internal/workshop"
)

// withPython is a program of this folder's. The packages are those of which
// interop/attestation judges verifiers.
func withPython(program string) func(*testing.T, string) *exec.Cmd {
	return func(t *testing.T, roots string) *exec.Cmd {
		t.Helper()
		python, err := workshop.Python{
			Name: "verifiers-python", Base: "python3", Requirements: "../attestation/requirements.txt", Imports: "fido2, webauthn",
		}.Installed()
		require.NoError(t, err)
		return exec.CommandContext(t.Context(), python, "-B", "python/"+program, roots)
	}
}

func TestPyWebauthn(t *testing.T) {
	t.Parallel()
	subject{
		command: withPython("py_webauthn.py"), passes: 600,
		switches: relyingparties.Choices{"trust": "roots", "counter": "refuse"},
		known: known.Failures{
			"attestation/packed-self/x5c-empty":       "an empty x5c is as good as none",
			"attestation/packed-self/x5c-map":         "the same",
			"attestation/packed/aaguid-[^c]*":         "nothing of §8.2.1 is looked at",
			"attestation/packed/ca-true":              "the same",
			"attestation/packed/subject-c-missing":    "the same",
			"attestation/packed/subject-cn-missing":   "the same",
			"attestation/packed/subject-o-missing":    "the same",
			"attestation/packed/subject-ou-missing":   "the same",
			"attestation/packed/subject-ou-other":     "the same",
			"attestation/packed/version-1":            "the same",
			"metadata/aaguid-of-another":              "the same",
			"attestation/tpm/aaguid-other":            "the AAGUID in the certificate is not looked at",
			"attestation/tpm/aaguid-single-wrapped":   "the same",
			"attestation/tpm/certinfo-name-algorithm": "the algorithm in the name is not looked at",
			"attestation/tpm/certinfo-truncated":      "it reads what it needs, and takes missing bytes for none",
			"*/authdata/extensions-array":             "any CBOR will do",
			"*/authdata/extensions-number":            "the same",
			"*/clientdata/challenge-list":             "it decodes whatever the challenge is as text",
			"*/clientdata/cross-origin":               "crossOrigin is not looked at, and topOrigin not read",
			"*/clientdata/cross-origin-with-top":      "the same",
			"*/clientdata/top-origin-alone":           "the same",
			"*/clientdata/utf-16":                     "json.loads guesses the encoding of bytes",
		},
	}.judge(t)
}

func TestPythonFIDO2(t *testing.T) {
	t.Parallel()
	subject{
		command: withPython("python_fido2.py"), passes: 600,
		switches: relyingparties.Choices{"trust": "roots", "counter": "accept", "unasked-attestation": "ignore", "origins": "below-rp-id"},
		known: known.Failures{
			"attestation/*/intermediate-[^m]*":                 "of a path, the signatures alone are verified",
			"attestation/*/leaf-expired":                       "the same",
			"attestation/*/leaf-not-yet-valid":                 "the same",
			"attestation/apple/other-public-key":               "the certificate's key is not compared with the credential's",
			"attestation/fido-u2f/x5c-two":                     "certificates after the first are only another path",
			"attestation/packed-self/x5c-empty":                "an empty x5c is as good as none",
			"attestation/packed-self/x5c-map":                  "the same",
			"attestation/tpm/aaguid-other":                     "the AAGUID in the certificate is not looked at",
			"attestation/tpm/aaguid-single-wrapped":            "the same",
			"attestation/tpm/ver-*":                            "ver is not looked at",
			"*/authdata/backed-up-not-eligible":                "it knows nothing of the flags BE and BS",
			"login/backup/state-without-eligible-after-backup": "the same",
			"*/authdata/extensions-array":                      "extensions are not looked at",
			"*/authdata/extensions-not-cbor":                   "the same",
			"*/authdata/extensions-number":                     "the same",
			"registration/authdata/key-cut-off":                "its CBOR takes the bytes that are there for the whole",
			"registration/object/cut-off":                      "the same",
			"*/clientdata/cross-origin":                        "crossOrigin is not looked at, and topOrigin not read",
			"*/clientdata/cross-origin-with-top":               "the same",
			"*/clientdata/top-origin-alone":                    "the same",
			"registration/key/algorithm-not-offered":           "the algorithm is not held to those that were offered",
			"registration/key/algorithm-of-mac":                "the same",
			"registration/key/algorithm-positive":              "the same",
			"registration/key/algorithm-text":                  "the same",
			"registration/key/algorithm-unknown":               "the same",
		},
	}.judge(t)
}
