//go:build amd64 || arm64

package usbkey

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

var errUnplugged = errors.New("the key is not plugged in")

// slot is a port of the bus with its key.
type slot struct {
	key Key

	mu      sync.Mutex
	device  sysfs.Device // of the key that is plugged in, or was
	openers map[*opener]bool
	shared  *opener // of the node itself; nil while the key is unplugged
}

// connect plugs the key in as far as reports go. The node's own terminal stays
// open, also while no program has it.
func (s *slot) connect() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := newTerminal(0)
	if err != nil {
		return err
	}
	if err := inOurDev(t); err != nil {
		return errors.Join(err, t.close())
	}
	if s.shared, err = connect(s.key, t, func(*opener) {}); err != nil {
		return errors.Join(err, t.close())
	}
	s.device.Major, s.device.Minor = unix.Major(t.dev), unix.Minor(t.dev)
	return nil
}

// inOurDev makes sure that a terminal is where a warden will look for it.
func inOurDev(t *terminal) error {
	var stat unix.Stat_t
	name := fmt.Sprintf("/dev/pts/%d", unix.Minor(t.dev))
	if err := unix.Stat(name, &stat); err != nil || (inode{stat.Dev, stat.Ino}) != t.id {
		return &UnavailableError{fmt.Errorf("a terminal of /dev/ptmx is not at %s", name), "mount devpts at /dev/pts"}
	}
	return nil
}

// open gives a program a way of its own to the key. The caller releases the
// terminal when the program has it.
func (s *slot) open(flags int) (*terminal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shared == nil {
		return nil, errUnplugged
	}
	t, err := newTerminal(flags)
	if err != nil {
		return nil, err
	}
	o, err := connect(s.key, t, s.forget)
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	s.openers[o] = true
	return t, nil
}

func (s *slot) forget(o *opener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.openers, o)
}

// has returns what the key is if a file is the key, opened by some program.
func (s *slot) has(file inode) (d sysfs.Device, has bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	has = s.shared != nil && s.shared.terminal.id == file
	for o := range s.openers {
		has = has || o.terminal.id == file
	}
	return s.device, has
}

// disconnect hangs up on all programs that have the key open.
func (s *slot) disconnect() {
	s.mu.Lock()
	var all []*opener
	if s.shared != nil {
		all = append(all, s.shared)
	}
	for o := range s.openers {
		all = append(all, o)
	}
	s.shared = nil
	s.mu.Unlock()
	for _, o := range all { // without the lock, which ending ones want
		o.close()
	}
}
