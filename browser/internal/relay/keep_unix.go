//go:build unix

package relay

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// keep gives a file a second descriptor.
func keep(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("keep %s: %w", f.Name(), err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}
