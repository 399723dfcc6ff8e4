//go:build amd64 || arm64

package usbkey

import (
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// We read ourselves as we read others.
func TestMemory(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, 3*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	require.NoError(t, err)
	defer func() { require.NoError(t, unix.Munmap(memory)) }()
	require.NoError(t, unix.Mprotect(memory[2*page:], unix.PROT_NONE))
	start := uintptr(unsafe.Pointer(&memory[0]))
	last := start + uintptr(2*page) // the first byte that nobody may read
	us := thread(os.Getpid())
	put := func(text string) uintptr { // so that it ends where one can read no further
		at := last - uintptr(len(text))
		require.NoError(t, us.write(at, []byte(text)))
		return at
	}

	text, err := us.text(put("/dev/hidraw0\x00"), unix.PathMax)
	require.NoError(t, err)
	assert.Equal(t, "/dev/hidraw0", text)
	long := strings.Repeat("x", page+100)
	text, err = us.text(put(long+"\x00"), 2*page)
	require.NoError(t, err)
	assert.Equal(t, long, text, "over two pages")
	_, err = us.text(put(long), 2*page)
	require.ErrorIs(t, err, unix.EFAULT, "without an end")
	_, err = us.text(start, 10)
	require.NoError(t, err, "zeros are an empty text")
	_, err = us.text(put(long), 10)
	require.ErrorIs(t, err, unix.ENAMETOOLONG)

	n, err := us.number(put("\x01\x02\x03\x04"), 4)
	require.NoError(t, err)
	assert.Equal(t, uint64(0x04030201), n)
	_, err = us.number(last-2, 4)
	require.Error(t, err)
	require.Error(t, us.write(last-2, make([]byte, 4)))
	require.NoError(t, us.write(last, nil))
}

func TestFilesOfAThread(t *testing.T) {
	t.Parallel()
	f, err := os.Open(t.TempDir())
	require.NoError(t, err)
	defer f.Close()
	us := thread(unix.Gettid())
	file, err := us.file(int(f.Fd()))
	require.NoError(t, err)
	var stat, borrowed unix.Stat_t
	require.NoError(t, unix.Fstat(int(f.Fd()), &stat))
	assert.Equal(t, inode{stat.Dev, stat.Ino}, file)
	require.NoError(t, us.borrow(int(f.Fd()), &borrowed))
	assert.Equal(t, stat.Ino, borrowed.Ino)
	_, err = us.file(1 << 20)
	require.Error(t, err)

	folder, err := os.Getwd()
	require.NoError(t, err)
	assert.Equal(t, "/dev/hidraw0", us.path("/dev//x/../hidraw0", unix.AT_FDCWD))
	assert.Equal(t, folder+"/hidraw0", us.path("hidraw0", unix.AT_FDCWD))
	assert.Equal(t, f.Name()+"/hidraw0", us.path("./hidraw0", int(f.Fd())))
	assert.Empty(t, us.path("hidraw0", 1<<20))
}
