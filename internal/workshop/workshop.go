// Package workshop makes the programs that tests against other people's clients
// run: ours, built of this tree, and theirs, where no package of the system has
// them.
//
// It owns where such programs lie and for how long. It must never know what they
// are asked.
package workshop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Around makes a folder that everybody may look into, builds in it, does something
// with what was built and removes it again. It returns the status that a program
// should exit with, for TestMain, and tells on stderr why it could not build.
func Around(build func(folder string) error, do func() int) (status int) {
	folder, err := os.MkdirTemp("", "passkeylab-workshop-")
	if err == nil {
		defer os.RemoveAll(folder)
		err = os.Chmod(folder, 0o755)
	}
	if err == nil {
		err = build(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return do()
}

// Passkeylab builds the command of this tree in a folder and returns where it is.
func Passkeylab(folder string) (program string, err error) {
	program = filepath.Join(folder, "passkeylab")
	return program, Run("go", "build", "-buildvcs=false", "-o", program, "github.com/passkeylab/passkeylab/cmd/passkeylab")
}

// Run runs a program that makes something. Its error shows what was printed.
func Run(name string, arguments ...string) error {
	out, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %q: %w\n%s", name, arguments, err, out)
	}
	return nil
}
