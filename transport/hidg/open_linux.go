package hidg

import (
	"io"
	"os"
	"path/filepath"
)

// maxAttribute is more than the kernel has to tell in one attribute, in bytes.
const maxAttribute = 4096

// Open looks for a device controller: the first for the address hidg, or the one
// after hidg:. Nothing is made before [Key.Serve].
func Open(address string) (*Key, error) {
	return newKey(machine{
		configfs: folder("/sys/kernel/config"),
		sys:      os.DirFS("/sys"),
		open: func(name string) (io.ReadWriteCloser, error) {
			return os.OpenFile(filepath.Join("/dev", filepath.Base(name)), os.O_RDWR, 0)
		},
	}, address)
}

// folder is a tree in the file system.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

func (f folder) Mkdir(name string) error       { return os.Mkdir(f.path(name), 0o755) }
func (f folder) Symlink(to, name string) error { return os.Symlink(f.path(to), f.path(name)) }
func (f folder) Remove(name string) error      { return os.Remove(f.path(name)) }

// Write sets an attribute, which has to be there.
func (f folder) Write(name, text string) error {
	file, err := os.OpenFile(f.path(name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

func (f folder) Read(name string) (string, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxAttribute))
	return string(text), err
}
