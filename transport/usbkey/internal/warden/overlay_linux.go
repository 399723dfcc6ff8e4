//go:build amd64 || arm64

package warden

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// overlay is a folder of the system under a file system in memory that shows the
// same, and to which entries can be added.
type overlay struct {
	root string
	real string // a path to what lies beneath
	// own are folders in which entries will be added, as paths from root. They are
	// ours; all others are the system's.
	own map[string]bool
	// except are entries that do not show through.
	except map[string]bool
}

// cover puts a file system in memory over o.root. What was there shows through it,
// one mount for each entry.
func (o *overlay) cover() error {
	// What is covered is reached by descriptors from before: a path to the entries,
	// and the whole once more, which could not be had later without the cover.
	fd, err := unix.Open(o.root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: o.root, Err: err}
	}
	defer unix.Close(fd)
	o.real = fmt.Sprintf("/proc/self/fd/%d", fd)
	whole, err := unix.OpenTree(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE|unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return &fs.PathError{Op: "clone", Path: o.root, Err: err}
	}
	defer unix.Close(whole)
	if err := unix.Mount("passkeylab", o.root, "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=755,size=4m"); err != nil {
		return &fs.PathError{Op: "mount tmpfs", Path: o.root, Err: err}
	}
	if o.root == devRoot {
		if err := o.keepPtmx(whole); err != nil {
			return err
		}
	}
	return o.mirror(".")
}

// realDev is where all of the real /dev is too.
const realDev = ".passkeylab"

// keepPtmx has programs open /dev/ptmx where devpts is mounted beside it in the
// same file system: by itself it would find none, and nobody a terminal.
func (o *overlay) keepPtmx(whole int) error {
	const name = "ptmx"
	info, err := os.Lstat(path.Join(o.real, name))
	if err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return nil // there is none, or it is a link to the one in devpts
	}
	o.except = map[string]bool{name: true}
	at := path.Join(o.root, realDev)
	return errors.Join(
		os.Mkdir(at, 0o755),
		unix.MoveMount(whole, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH),
		os.Symlink(path.Join(realDev, name), path.Join(o.root, name)),
	)
}

// mirror fills a folder of our own with what is beneath.
func (o *overlay) mirror(folder string) error {
	entries, err := os.ReadDir(path.Join(o.real, folder))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if o.except[path.Join(folder, e.Name())] {
			continue
		}
		err := o.mirrorEntry(path.Join(folder, e.Name()), e.Type())
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // it was removed meanwhile
			return err
		}
	}
	return nil
}

func (o *overlay) mirrorEntry(name string, kind fs.FileMode) error {
	from, to := path.Join(o.real, name), path.Join(o.root, name)
	switch {
	case kind&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case !kind.IsDir():
		return bind(from, to)
	}
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	if o.own[name] {
		return o.mirror(name)
	}
	return mountOver(from, to)
}

// bind makes a file that is another one.
func bind(from, to string) error {
	if err := os.WriteFile(to, nil, 0o444); err != nil {
		return err
	}
	if err := mountOver(from, to); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// mountOver is recursive because a namespace without privileges may not look
// beneath what is mounted there.
func mountOver(from, to string) error {
	if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return &fs.PathError{Op: "bind", Path: to, Err: err}
	}
	return nil
}
