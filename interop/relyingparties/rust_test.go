//go:build interop

package relyingparties_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/known"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/internal/workshop"
)

// webauthnRS is the program in rust.
func webauthnRS(t *testing.T, roots string) *exec.Cmd {
	t.Helper()
	program, err := workshop.Cargo{Name: "webauthn-rs", Crate: "rust", Program: "webauthn-rs-server"}.Built()
	require.NoError(t, err)
	return exec.CommandContext(t.Context(), program, roots)
}

func TestWebauthnRS(t *testing.T) {
	t.Parallel()
	if os.Getenv(workshop.WithRust) == "" {
		t.Skipf("%s is not set: see docs/interop.md", workshop.WithRust)
	}
	subject{
		command: webauthnRS, passes: 500,
		switches: relyingparties.Choices{"trust": "roots", "counter": "refuse", "verification": "required"},
		known: known.Failures{
			"attestation/packed/alg-other-curve":     "alg is not compared with the certificate's key",
			"attestation/packed/alg-other-key-type":  "the same",
			"*/authdata/extensions-leftover":         "what follows is not looked at",
			"*/authdata/leftover":                    "the same",
			"*/authdata/leftover-cbor":               "the same",
			"login/clientdata/cross-origin":          "crossOrigin is looked at at registrations alone, and topOrigin not read",
			"login/clientdata/cross-origin-with-top": "the same",
			"*/clientdata/top-origin-alone":          "the same",
			"registration/object/fmt-bytes":          "its CBOR takes bytes for text",
			"options/echo/attachment-*":              "what a passkey is, the library decides: verified, and of any kind",
			"options/echo/attestation-indirect":      "the same",
			"options/echo/resident-key":              "the same",
			"options/echo/uv-[^r]*":                  "the same",
			"options/login/echo-uv-[^r]*":            "the same",
		},
	}.judge(t)
}
