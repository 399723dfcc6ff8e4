//go:build unix

package authenticator

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the lock that keeps a second store off. The kernel drops it
// with the process, however that ends.
func lockFile(f *os.File) (held bool, err error) {
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// unlockFile gives the lock back. Closing alone would not while a process that
// is just being started still has the descriptor.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
