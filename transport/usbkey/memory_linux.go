//go:build amd64 || arm64

package usbkey

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// thread is one of the command's, stopped in a system call. What is read of it is
// its own only if the call still waits afterwards: numbers are used again.
type thread int

// read reads memory, as much as there is up to the length of into.
func (t thread) read(at uintptr, into []byte) (int, error) {
	if len(into) == 0 {
		return 0, nil
	}
	local := []unix.Iovec{{Base: &into[0]}}
	local[0].SetLen(len(into))
	return unix.ProcessVMReadv(int(t), local, []unix.RemoteIovec{{Base: at, Len: len(into)}}, 0)
}

func (t thread) write(at uintptr, bytes []byte) error {
	if len(bytes) == 0 {
		return nil
	}
	local := []unix.Iovec{{Base: &bytes[0]}}
	local[0].SetLen(len(bytes))
	n, err := unix.ProcessVMWritev(int(t), local, []unix.RemoteIovec{{Base: at, Len: len(bytes)}}, 0)
	if err == nil && n < len(bytes) {
		err = unix.EFAULT
	}
	return err
}

// number reads an integer of some bytes.
func (t thread) number(at uintptr, bytes int) (uint64, error) {
	var raw [8]byte
	n, err := t.read(at, raw[:bytes])
	if err == nil && n < bytes {
		err = unix.EFAULT
	}
	return binary.LittleEndian.Uint64(raw[:]), err
}

// text reads a string of at most limit bytes that ends with a zero. It is read
// page by page: the next one may not be there.
func (t thread) text(at uintptr, limit int) (string, error) {
	var all []byte
	page := uintptr(os.Getpagesize())
	for len(all) < limit {
		chunk := make([]byte, min(page-at%page, uintptr(limit-len(all))))
		n, err := t.read(at, chunk)
		if err != nil {
			return "", err
		}
		if end := bytes.IndexByte(chunk[:n], 0); end >= 0 {
			return string(append(all, chunk[:end]...)), nil
		}
		all = append(all, chunk[:n]...)
		at += uintptr(n)
	}
	return "", unix.ENAMETOOLONG
}

// path is where a path leads that a program gave, without a look at links.
func (t thread) path(name string, folder int) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	from := fmt.Sprintf("/proc/%d/cwd", t)
	if folder != unix.AT_FDCWD {
		from = fmt.Sprintf("/proc/%d/fd/%d", t, folder)
	}
	from, err := os.Readlink(from)
	if err != nil {
		return ""
	}
	return path.Join(from, name)
}

// file tells which file a descriptor of the thread's is.
func (t thread) file(fd int) (inode, error) {
	var stat unix.Stat_t
	err := unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", t, fd), &stat)
	if err != nil {
		err = t.borrow(fd, &stat)
	}
	return inode{stat.Dev, stat.Ino}, err
}

// borrow looks at a descriptor of a process that has made itself undumpable, such
// as ssh-sk-helper: its files in /proc are the superuser's then.
func (t thread) borrow(fd int, stat *unix.Stat_t) error {
	process, err := t.process()
	if err != nil {
		return err
	}
	handle, err := unix.PidfdOpen(process, 0)
	if err != nil {
		return err
	}
	defer unix.Close(handle)
	ours, err := unix.PidfdGetfd(handle, fd, 0)
	if err != nil {
		return err
	}
	defer unix.Close(ours)
	return unix.Fstat(ours, stat)
}

// process is the one that the thread belongs to.
func (t thread) process() (pid int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "\nTgid:")
	_, err = fmt.Sscan(after, &pid)
	return pid, err
}
