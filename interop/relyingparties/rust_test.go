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

// withRust has webauthn-rs judged, too: to compile it takes many minutes, and a newer
// Rust than Debian 12 has.
const withRust = "PASSKEYLAB_INTEROP_RUST"

// built is the program in rust.
func built(t *testing.T, roots string) *exec.Cmd {
	t.Helper()
	var pins []byte
	for _, file := range []string{"Cargo.lock", "Cargo.toml", "src/http.rs", "src/main.rs"} {
		text, err := os.ReadFile(filepath.Join("rust", file))
		require.NoError(t, err)
		pins = append(pins, text...)
	}
	folder, err := workshop.Kept("relyingparties-rust", pins, func(folder string) error {
		target := filepath.Join(folder, "target")
		if err := workshop.Run("cargo", "build", "--quiet", "--locked", "--manifest-path", "rust/Cargo.toml", "--target-dir", target); err != nil {
			return err
		}
		return os.Rename(filepath.Join(target, "debug", "webauthn-rs-server"), filepath.Join(folder, "server"))
	})
	require.NoError(t, err)
	return exec.CommandContext(t.Context(), filepath.Join(folder, "server"), roots)
}

func TestWebauthnRS(t *testing.T) {
	t.Parallel()
	if os.Getenv(withRust) == "" {
		t.Skipf("%s is not set: see docs/interop.md", withRust)
	}
	subject{
		command: built, passes: 500,
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
