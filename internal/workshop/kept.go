package workshop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
)

// Kept returns a folder among the user's caches that install has filled, at first use,
// with packages from the network or what was built of them. The folder is kept under a
// name made of what pins its content, and is whole or not there at all: install fills
// another one, which is renamed. It may be called by several programs at once.
func Kept(name string, pins []byte, install func(folder string) error) (folder string, err error) {
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pins)
	folder = filepath.Join(caches, "passkeylab", name+"-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "installing-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	if err := errors.Join(os.Chmod(fresh, 0o755), install(fresh)); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, folder); err != nil {
		if _, gone := os.Stat(folder); gone != nil {
			return "", err
		}
	}
	return folder, nil // which another program may have made meanwhile
}
