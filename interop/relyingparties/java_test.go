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

// withJava is the program in java, with what pom.xml names on its class path.
func withJava(t *testing.T, roots string) *exec.Cmd {
	t.Helper()
	pom, err := os.ReadFile("java/pom.xml")
	require.NoError(t, err)
	jars, err := workshop.Kept("relyingparties-maven", pom, func(folder string) error {
		return workshop.Run("mvn", "-q", "-B", "-C", "-f", "java/pom.xml", "dependency:copy-dependencies", "-DoutputDirectory="+folder)
	})
	require.NoError(t, err)
	return exec.CommandContext(t.Context(), "java", "-cp", filepath.Join(jars, "*"), "java/WebAuthn4J.java", roots)
}

func TestWebAuthn4J(t *testing.T) {
	t.Parallel()
	subject{
		command: withJava, passes: 700,
		switches: relyingparties.Choices{"trust": "roots", "counter": "refuse", "backup-eligibility": "refuse"},
		known: known.Failures{
			"algorithm/eddsa/login-trailing-byte":           "OpenJDK verifies the first 64 bytes",
			"attestation/tpm/certinfo-name-other-algorithm": "the name is hashed by the algorithm that it names itself",
		},
	}.judge(t)
}
