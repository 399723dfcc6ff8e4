//go:build interop

package relyingparties_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/known"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/internal/workshop"
)

// withNode is a program of this folder's, beside the packages that it imports.
func withNode(program string) func(*testing.T, string) *exec.Cmd {
	return func(t *testing.T, roots string) *exec.Cmd {
		t.Helper()
		node, err := workshop.Node()
		require.NoError(t, err)
		packages, err := workshop.NPM{Name: "relyingparties-npm", Pinned: "node"}.Installed()
		require.NoError(t, err)
		here := t.TempDir()
		require.NoError(t, os.CopyFS(here, os.DirFS("node")))
		require.NoError(t, os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(here, "node_modules")))
		return exec.CommandContext(t.Context(), node, filepath.Join(here, program), roots)
	}
}

// docs/conformance-results.md has each with what was found in the source.
func TestSimpleWebAuthn(t *testing.T) {
	t.Parallel()
	subject{
		command: withNode("simplewebauthn.mjs"), passes: 600,
		switches: relyingparties.Choices{"trust": "roots", "counter": "refuse"},
		known: known.Failures{
			"attestation/*/intermediate-not-ca":             "what the certificates of a path may sign is not looked at",
			"attestation/*/intermediate-without-cert-sign":  "the same",
			"attestation/fido-u2f/leaf-p384":                "the certificate's key is not looked at",
			"attestation/fido-u2f/x5c-two":                  "certificates after the first are only another path",
			"attestation/packed/aaguid-critical":            "whether the extension is critical is not looked at",
			"attestation/packed/alg-other-key-type":         "alg is not compared with the certificate's key",
			"attestation/packed/self-alg-other":             "nor with the credential's",
			"attestation/tpm/certinfo-truncated":            "it reads what it needs, and takes missing bytes for none",
			"login/clientdata/cross-origin":                 "crossOrigin is looked at beside a topOrigin alone",
			"registration/clientdata/cross-origin":          "neither is looked at at registrations",
			"registration/clientdata/cross-origin-with-top": "the same",
			"registration/clientdata/top-origin-alone":      "the same",
			"registration/authdata/key-cut-off":             "its CBOR takes the bytes that are there for the whole",
			"registration/object/cut-off":                   "the same",
		},
	}.judge(t)
}

func TestFido2Lib(t *testing.T) {
	t.Parallel()
	subject{
		command: withNode("fido2lib.mjs"), passes: 500,
		switches: relyingparties.Choices{"counter": "refuse"},
		known: known.Failures{
			"attestation/packed/aaguid-critical":               "whether the extension is critical is not looked at",
			"attestation/packed/aaguid-single-wrapped":         "nor whether its value is an OCTET STRING",
			"attestation/packed/alg-other-key-type":            "alg is not compared with the certificate's key",
			"attestation/packed/self-alg-other":                "nor with the credential's",
			"*/authdata/backed-up-not-eligible":                "it knows nothing of the flags BE and BS",
			"login/backup/state-without-eligible-after-backup": "the same",
			"*/authdata/extensions-array":                      "any CBOR will do",
			"*/authdata/leftover":                              "what follows is not looked at",
			"*/authdata/leftover-cbor":                         "the same",
			"*/clientdata/cross-origin":                        "crossOrigin and topOrigin are not read",
			"*/clientdata/cross-origin-with-top":               "the same",
			"*/clientdata/top-origin-alone":                    "the same",
			"login/json/signature/not-base64url":               "characters that base64 does not have are passed over",
		},
	}.judge(t)
}
