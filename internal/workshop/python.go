package workshop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// Python is a Python of one's own, with packages that the system's has not.
type Python struct {
	Name         string // of the folder that it is kept in
	Base         string // the interpreter that it is made of
	Requirements string // file that names packages and versions, for pip
	Imports      string // the modules that it must have, as in an import statement

	// System has it see the packages of the interpreter that it is made of. What
	// is required is installed all the same.
	System bool
}

// installing keeps tests from installing the same at once.
var installing sync.Mutex

// Installed returns the interpreter, which it makes at first use, with packages from
// the network. It is kept among the user's caches, under a name made of what is
// required.
func (p Python) Installed() (interpreter string, err error) {
	installing.Lock()
	defer installing.Unlock()
	required, err := os.ReadFile(p.Requirements)
	if err != nil {
		return "", err
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(required)
	kept := filepath.Join(caches, "passkeylab", p.Name+"-"+hex.EncodeToString(sum[:8]))
	interpreter = python(kept)
	if exec.Command(interpreter, "-c", "import "+p.Imports).Run() == nil {
		return interpreter, nil
	}
	// What an interpreter left that is gone would be in the way.
	if err := errors.Join(os.RemoveAll(kept), os.MkdirAll(filepath.Dir(kept), 0o755)); err != nil {
		return "", err
	}
	return interpreter, p.install(kept)
}

// install makes it whole or not at all.
func (p Python) install(kept string) error {
	fresh, err := os.MkdirTemp(filepath.Dir(kept), "installing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	venv := []string{"-m", "venv", fresh}
	pip := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", p.Requirements}
	if p.System {
		venv, pip = append(venv, "--system-site-packages"), append(pip, "--ignore-installed")
	}
	if err := Run(p.Base, venv...); err != nil {
		return err
	}
	if err := Run(python(fresh), pip...); err != nil {
		return err
	}
	if err := os.Rename(fresh, kept); err != nil {
		if _, gone := os.Stat(python(kept)); gone != nil {
			return err
		}
	}
	return nil // another program may have made it meanwhile
}

func python(venv string) string { return filepath.Join(venv, "bin", "python") }
