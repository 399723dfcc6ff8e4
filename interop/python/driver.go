package python

import (
	"embed"
	"os"
	"path/filepath"
)

//go:embed conform.py key.py
var programs embed.FS

// Driver writes the program that drives python-fido2 for the judge of clients to a
// folder, and returns its file. It is for an interpreter that has the package.
func Driver(folder string) (program string, err error) {
	return filepath.Join(folder, "conform.py"), os.CopyFS(folder, programs)
}
