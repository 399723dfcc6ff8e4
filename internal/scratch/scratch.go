// Package scratch makes directories among the temporary files of the machine
// that go with the process that made them: at the latest when the next such
// process makes one, if it was killed.
//
// Elsewhere than on Unix what a killed process left stays.
//
// The package must never know what the directories are for.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockName is the file in each directory that its process keeps locked. The
// system unlocks it when the process ends, however it ends.
const lockName = "lock"

// Dir is a directory that nobody else uses.
type Dir struct {
	Path string
	lock *os.File
}

// Make makes a directory in parent, whose name begins with prefix, and removes
// those that dead processes of this user left there under the same prefix.
// Remove it when done.
func Make(parent, prefix string) (*Dir, error) {
	sweep(parent, prefix)
	path, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, err
	}
	lock, err := locked(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mark %s as in use: %w", path, err), os.RemoveAll(path))
	}
	return &Dir{path, lock}, nil
}

// Remove removes the directory with all that is in it. Removing twice does
// nothing.
func (d *Dir) Remove() error {
	err := os.RemoveAll(d.Path)
	// Only the lock is lost with it, which has been of use until now.
	_ = d.lock.Close()
	return err
}

// sweep removes what dead processes left behind. It is a courtesy: what cannot
// be removed stays.
func sweep(parent, prefix string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, entry := range entries {
		name := entry.Name()
		if len(name) > len(prefix) && name[:len(prefix)] == prefix && entry.IsDir() {
			removeIfDead(filepath.Join(parent, name))
		}
	}
}
