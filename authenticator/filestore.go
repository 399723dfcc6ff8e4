package authenticator

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// FileStore is a [Store] in one file, written before each Commit returns, so
// that it survives the process being killed, and the power going, at any moment.
// The file is a journal of changes; it is rewritten when most of it is history.
// Close it to let another process have it.
type FileStore struct {
	path      string
	disk      fileSystem
	unlock    func() error
	compactAt int64 // size below which the file is never worth rewriting

	mu      sync.Mutex
	memory  *MemoryStore // what the journal amounts to
	file    file         // nil once closed
	broken  error        // why nothing more can be written
	sum     uint32       // checksum of the file
	size    int64        // of the file
	compact int64        // size at which to rewrite it
}

// ErrStoreLocked says that another process, or another FileStore of this one,
// has the file open.
var ErrStoreLocked = errors.New("the store is in use by another process")

// compactFactor is how much larger than its contents a file may grow, once it is
// larger than compactAt.
const (
	compactAt     = 256 << 10
	compactFactor = 4
)

// OpenFileStore opens the store at path, or makes an empty one. It locks
// path.lock, which stays behind and is of no further use, and may write path.new
// for a moment. The error wraps [ErrStoreLocked] or [ErrStoreDamaged] where that
// is the reason; a damaged file is left as it is.
func OpenFileStore(path string) (*FileStore, error) {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	held, err := lockFile(lock)
	if held {
		err = fmt.Errorf("%s: %w: stop that process, or name another file", path, ErrStoreLocked)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	unlock := func() error { return errors.Join(unlockFile(lock), lock.Close()) }
	s, err := openFileStore(osFileSystem{}, path, unlock, compactAt)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return s, nil
}

func openFileStore(disk fileSystem, path string, unlock func() error, compactAt int64) (*FileStore, error) {
	s := &FileStore{path: path, disk: disk, unlock: unlock, compactAt: compactAt, memory: NewMemoryStore()}
	data, err := s.read()
	if err == nil && len(data) == 0 {
		err = s.rewrite()
	} else if err == nil {
		err = s.load(data)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return s, nil
}

// read returns the file's contents, none where there is no file.
func (s *FileStore) read() ([]byte, error) {
	f, err := s.disk.open(s.path, os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxJournal+1))
	if err == nil && len(data) > maxJournal {
		err = &DamageError{s.path, maxJournal, fmt.Sprintf("it is longer than the %d bytes a store file can have", maxJournal), "name another file"}
	}
	return data, err
}

// load takes over an existing file and cuts off what a power cut left of the
// last change.
func (s *FileStore) load(data []byte) error {
	j, err := readJournal(s.path, data, s.memory.apply)
	if err != nil {
		return err
	}
	if s.file, err = s.disk.open(s.path, os.O_RDWR|os.O_APPEND); err != nil {
		return err
	}
	s.sum, s.size = j.sum, j.end
	if s.planCompaction(); j.items > 0 { // the share that is not history
		s.compact = max(s.compactAt, compactFactor*s.size/int64(j.items)*int64(len(s.memory.byID)+1))
	}
	if j.end < int64(len(data)) {
		if err := errors.Join(s.file.Truncate(j.end), s.file.Sync()); err != nil {
			return errors.Join(err, s.file.Close())
		}
	}
	return nil
}

// Load implements [Store].
func (s *FileStore) Load(ctx context.Context) (Held, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return Held{}, ErrStoreClosed
	}
	return s.memory.Load(ctx)
}

// Find implements [Store].
func (s *FileStore) Find(ctx context.Context, q Query) ([]*Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil, ErrStoreClosed
	}
	return s.memory.Find(ctx, q)
}

// Commit implements [Store]. Once a write has failed, nobody knows what the file
// holds, so every later Commit fails with [ErrStoreBroken] until the store is
// opened again.
func (s *FileStore) Commit(_ context.Context, change Change) error {
	if err := change.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file == nil:
		return ErrStoreClosed
	case s.broken != nil:
		return fmt.Errorf("%s: %w: %w", s.path, ErrStoreBroken, s.broken)
	}
	record, sum, err := appendRecord(nil, s.sum, &change)
	if err != nil {
		return err
	}
	if s.size+int64(len(record)) > maxJournal {
		return fmt.Errorf("%s: %w: a store file has at most %d bytes", s.path, ErrStoreFull, maxJournal)
	}
	if err := s.write(record); err != nil {
		s.broken = err
		return fmt.Errorf("%s: %w: %w", s.path, ErrStoreBroken, err)
	}
	s.sum, s.size = sum, s.size+int64(len(record))
	s.memory.apply(change)
	if s.size >= s.compact {
		s.tryCompaction()
	}
	return nil
}

func (s *FileStore) write(record []byte) error {
	if _, err := s.file.Write(record); err != nil {
		return err
	}
	return s.file.Sync()
}

// tryCompaction rewrites the file. The change that led here is stored already,
// so a failure is nothing to report: the old file goes on, or, where it could not
// be opened again, the store is broken and the next Commit says why.
func (s *FileStore) tryCompaction() {
	old := s.file
	if err := s.rewrite(); err != nil {
		if s.file == nil {
			s.file, s.broken = old, err
			return
		}
		s.planCompaction()
		return
	}
	// The old file is nameless now, and whether it closes well is all one.
	_ = old.Close()
}

// planCompaction is for a file that holds no history, or has to go on as if.
func (s *FileStore) planCompaction() { s.compact = max(s.compactAt, compactFactor*s.size) }

// Close gives up the file and its lock. Every later call fails with
// [ErrStoreClosed].
func (s *FileStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return ErrStoreClosed
	}
	err := s.file.Close()
	s.file = nil
	return errors.Join(err, s.unlock())
}

// perRecord is how many credentials a rewritten file has in one record.
const perRecord = 1000

// rewrite replaces the file by one that holds what the store holds and no
// history. It is written beside the old one and takes its name only when it is
// whole.
func (s *FileStore) rewrite() error {
	data, sum, err := s.snapshot()
	if err != nil {
		return err
	}
	fresh := s.path + ".new"
	if err := s.writeNew(fresh, data); err != nil {
		return err
	}
	if err := s.disk.rename(fresh, s.path); err != nil {
		return err
	}
	s.file = nil // the name belongs to the new file from here on
	if err := s.disk.syncDir(filepath.Dir(s.path)); err != nil {
		return err
	}
	if s.file, err = s.disk.open(s.path, os.O_RDWR|os.O_APPEND); err != nil {
		s.file = nil
		return err
	}
	s.sum, s.size = sum, int64(len(data))
	s.planCompaction()
	return nil
}

func (s *FileStore) writeNew(path string, data []byte) error {
	f, err := s.disk.open(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// snapshot encodes the store's contents as a journal without history.
func (s *FileStore) snapshot() (data []byte, sum uint32, err error) {
	all, err := s.memory.Find(context.Background(), Query{})
	if err != nil {
		return nil, 0, err
	}
	held, err := s.memory.Load(context.Background())
	if err != nil {
		return nil, 0, err
	}
	data = []byte(journalHeader)
	data, sum, err = appendRecord(data, crc32.Checksum(data, castagnoli), &Change{State: &held.State, Settings: &held.Settings, LargeBlobs: held.LargeBlobs})
	for part := range slices.Chunk(all, perRecord) {
		if err == nil {
			data, sum, err = appendRecord(data, sum, &Change{Put: part})
		}
	}
	return data, sum, err
}
