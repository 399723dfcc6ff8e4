package authenticator

import (
	"errors"
	"io"
	"maps"
	"os"
	"sync"
)

// PowerDisk is a file system in memory that loses power. What was not synced is
// lost, half there or all there.
type PowerDisk struct {
	mu       sync.Mutex
	left     int // writes until the cut; negative is never
	off      bool
	halves   int               // of what was not synced that outlive a cut, 0 to 2
	dir, old map[string]*inode // as seen, and as it would be after a cut
}

type inode struct{ seen, synced []byte }

var errNoPower = errors.New("no power")

// NewPowerDisk returns an empty disk with power, and how many halves of what was
// not synced a cut leaves.
func NewPowerDisk(halves int) *PowerDisk {
	return &PowerDisk{halves: halves, left: -1, dir: make(map[string]*inode), old: make(map[string]*inode)}
}

// OpenStore opens a FileStore that is rewritten often.
func (d *PowerDisk) OpenStore() (Store, error) {
	s, err := openFileStore(d, "dir/store", func() error { return nil }, 1<<10)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// OpenFileStoreCompacting is OpenFileStore with a file that is rewritten from
// another size on. It takes no lock.
func OpenFileStoreCompacting(path string, compactAt int64) (*FileStore, error) {
	return openFileStore(osFileSystem{}, path, func() error { return nil }, compactAt)
}

// CutAt makes the power go at the nth write from now.
func (d *PowerDisk) CutAt(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = n
}

// Restore gives the power back.
func (d *PowerDisk) Restore() (wasCut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if wasCut = d.off; wasCut {
		d.settle()
	}
	d.off, d.left = false, -1
	return wasCut
}

// settle makes everybody see what outlived the cut.
func (d *PowerDisk) settle() {
	if d.halves == 0 {
		d.dir = maps.Clone(d.old)
	}
	for _, n := range d.dir {
		if extra := len(n.seen) - len(n.synced); extra > 0 {
			n.synced = n.seen[:len(n.synced)+extra*d.halves/2]
		}
		n.seen = n.synced[:len(n.synced):len(n.synced)]
	}
	d.old = maps.Clone(d.dir)
}

// spend takes one write off the power that is left.
func (d *PowerDisk) spend() error {
	if d.left == 0 {
		d.off = true
	}
	if d.off {
		return errNoPower
	}
	d.left--
	return nil
}

func (d *PowerDisk) open(path string, flag int) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return nil, errNoPower
	}
	n, ok := d.dir[path]
	if !ok && flag&os.O_CREATE == 0 {
		return nil, os.ErrNotExist
	}
	if !ok || flag&os.O_TRUNC != 0 {
		if err := d.spend(); err != nil {
			return nil, err
		}
		n = new(inode)
		d.dir[path] = n
	}
	return &diskFile{disk: d, inode: n}, nil
}

func (d *PowerDisk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.spend(); err != nil {
		return err
	}
	d.dir[to] = d.dir[from]
	delete(d.dir, from)
	return nil
}

func (d *PowerDisk) syncDir(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.spend(); err != nil {
		return err
	}
	d.old = maps.Clone(d.dir)
	return nil
}

type diskFile struct {
	disk  *PowerDisk
	inode *inode
	at    int
}

func (f *diskFile) Read(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.at >= len(f.inode.seen) {
		return 0, io.EOF
	}
	n := copy(p, f.inode.seen[f.at:])
	f.at += n
	return n, nil
}

func (f *diskFile) Write(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.off {
		return 0, errNoPower
	}
	err := f.disk.spend()
	// Even the write during which the power went has reached the cache.
	f.inode.seen = append(f.inode.seen[:len(f.inode.seen):len(f.inode.seen)], p...)
	return len(p), err
}

func (f *diskFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.spend(); err != nil {
		return err
	}
	f.inode.seen = f.inode.seen[:size:size]
	return nil
}

func (f *diskFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.spend(); err != nil {
		return err
	}
	f.inode.synced = f.inode.seen
	return nil
}

func (f *diskFile) Close() error { return nil }

// Put makes a file, on the medium already.
func (d *PowerDisk) Put(path string, data []byte) {
	n := &inode{seen: data[:len(data):len(data)], synced: data}
	d.dir[path], d.old[path] = n, n
}

// Get returns what a file seems to hold.
func (d *PowerDisk) Get(path string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dir[path].seen
}
