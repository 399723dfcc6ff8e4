package libfido2

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/passkeylab/passkeylab/internal/workshop"
)

//go:embed client
var sources embed.FS

// Build compiles the client in a folder, with the libfido2 that the machine has, and
// returns the program. It needs gcc, pkg-config and libfido2-dev.
func Build(folder string) (program string, err error) {
	version, err := exec.Command("pkg-config", "--modversion", "libfido2").Output()
	if err != nil {
		return "", fmt.Errorf("pkg-config libfido2: %w: scripts/setup.sh interop installs what is missing", err)
	}
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libfido2").Output()
	if err != nil {
		return "", fmt.Errorf("pkg-config libfido2: %w", err)
	}
	if err := os.CopyFS(folder, sources); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(folder, "client", "*.c"))
	if err != nil {
		return "", err
	}
	program = filepath.Join(folder, "libfido2-client")
	arguments := []string{
		"-std=c11", "-D_POSIX_C_SOURCE=200809L", fmt.Sprintf("-DLIBFIDO2_VERSION=%q", strings.TrimSpace(string(version))),
		"-Wall", "-Wextra", "-Werror", "-O1", "-o", program,
	}
	return program, workshop.Run("gcc", append(append(arguments, files...), strings.Fields(string(flags))...)...)
}
