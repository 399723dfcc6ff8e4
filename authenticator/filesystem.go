package authenticator

import (
	"io"
	"os"
)

// fileSystem is what a store file needs of the machine. The tests put one under
// it that loses power.
type fileSystem interface {
	// open opens a file for reading and appending, as os.OpenFile does.
	open(path string, flag int) (file, error)
	// rename replaces to by from.
	rename(from, to string) error
	// syncDir makes a rename in a directory survive a power cut.
	syncDir(path string) error
}

type file interface {
	io.ReadWriteCloser
	Truncate(size int64) error
	Sync() error
}

type osFileSystem struct{}

// open lets nobody but the owner read the keys.
func (osFileSystem) open(path string, flag int) (file, error) { return os.OpenFile(path, flag, 0o600) }

func (osFileSystem) rename(from, to string) error { return os.Rename(from, to) }

func (osFileSystem) syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
