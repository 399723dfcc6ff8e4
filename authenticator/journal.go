package authenticator

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// A store file is this header and then one record for each change:
//
//	length of the body, 32 bits big-endian
//	checksum of the length, 32 bits
//	body: the Change in canonical CBOR
//	checksum of the body, 32 bits
//	a line feed, so that a whole record never ends in a zero
//
// A checksum is CRC-32C over all of the file before it, headers included, so
// that a record also fails where one before it was lost, moved or changed.
const journalHeader = "passkeylab store, version 1. TEST KEYS in the clear: never use them for a real account.\n"

const (
	recordHead = 4 + 4
	recordTail = 4 + 1
	recordEnd  = '\n'
	// maxRecord bounds one change, in bytes: far above what a device does at
	// once, but not above what an import of ten thousand credentials needs.
	maxRecord = 16 << 20
	// maxJournal bounds a file, in bytes: room for a million credentials.
	maxJournal = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrStoreDamaged says that a store file is not what was written. It comes as a
// [*DamageError].
var ErrStoreDamaged = errors.New("the store file is damaged")

// DamageError says what is wrong with a store file, and where. The file has been
// left as it is.
type DamageError struct {
	Path   string
	Offset int64  // of the record, or other thing, that cannot be read
	Reason string // what is wrong there
	Mend   string // what to do
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%s: damaged at byte %d: %s; the file was left as it is: %s", e.Path, e.Offset, e.Reason, e.Mend)
}

// Unwrap returns ErrStoreDamaged.
func (e *DamageError) Unwrap() error { return ErrStoreDamaged }

// appendRecord appends the record of change to out, where sum is the checksum of
// the file so far, and returns the checksum of the file thereafter.
func appendRecord(out []byte, sum uint32, change *Change) ([]byte, uint32, error) {
	body, err := canon.Marshal(change)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrChange, err)
	}
	if len(body) > maxRecord {
		return nil, 0, fmt.Errorf("%w: %d bytes at once, at most %d: store fewer credentials together", ErrChange, len(body), maxRecord)
	}
	from := len(out)
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	sum = crc32.Update(sum, castagnoli, out[from:])
	out = binary.BigEndian.AppendUint32(out, sum)
	out = append(out, body...)
	sum = crc32.Update(sum, castagnoli, out[len(out)-len(body)-4:])
	out = append(binary.BigEndian.AppendUint32(out, sum), recordEnd)
	return out, crc32.Update(sum, castagnoli, out[len(out)-recordTail:]), nil
}

// journal is a store file as read.
type journal struct {
	sum   uint32 // checksum of the file up to end
	end   int64  // where the next record goes; what lies behind was never finished
	items int    // credentials and states written, those out of date included
}

// readJournal hands each change of a store file to apply.
func readJournal(path string, data []byte, apply func(Change)) (journal, error) {
	j := journal{sum: crc32.Checksum([]byte(journalHeader), castagnoli), end: int64(len(journalHeader))}
	if !bytes.HasPrefix(data, []byte(journalHeader)) {
		return j, &DamageError{path, 0, "it does not begin like a passkeylab store of version 1", "name another file, or move this one away to begin a new store"}
	}
	for {
		change, size, err := j.record(data[j.end:])
		switch {
		case err != nil && j.torn(data[j.end:]), err == nil && size == 0:
			return j, nil
		case err != nil:
			mend := fmt.Sprintf("restore it from a copy, or give up this and every later change by cutting it to %d bytes", j.end)
			return j, &DamageError{path, j.end, err.Error(), mend}
		}
		apply(change)
		j.end += int64(size)
		j.items += change.items()
	}
}

// items is how many things a change writes.
func (c *Change) items() int {
	n := len(c.Put)
	for _, written := range []bool{c.State != nil, c.Settings != nil, c.LargeBlobs != nil} {
		if written {
			n++
		}
	}
	return n
}

// record reads the record at the beginning of rest and moves the checksum on.
// size is 0 at the end of the file.
func (j *journal) record(rest []byte) (change Change, size int, err error) {
	if len(rest) == 0 {
		return change, 0, nil
	}
	if len(rest) < recordHead {
		return change, 0, errors.New("the head of a record is incomplete")
	}
	sum := crc32.Update(j.sum, castagnoli, rest[:4])
	length := binary.BigEndian.Uint32(rest)
	switch {
	case sum != binary.BigEndian.Uint32(rest[4:]):
		return change, 0, errors.New("the length of a record fails its checksum")
	case length > maxRecord:
		return change, 0, fmt.Errorf("a record of %d bytes, at most %d are written", length, maxRecord)
	case uint64(len(rest)) < recordHead+uint64(length)+recordTail:
		return change, 0, errors.New("a record is incomplete")
	}
	size = recordHead + int(length) + recordTail
	sum = crc32.Update(sum, castagnoli, rest[4:size-recordTail])
	if sum != binary.BigEndian.Uint32(rest[size-recordTail:]) || rest[size-1] != recordEnd {
		return change, 0, errors.New("a record fails its checksum")
	}
	if err := canon.Unmarshal(rest[recordHead:size-recordTail], &change); err != nil {
		return change, 0, fmt.Errorf("a record is no change of a store: %w", err)
	}
	if err := change.Check(); err != nil {
		return change, 0, err
	}
	j.sum = crc32.Update(sum, castagnoli, rest[size-recordTail:size])
	return change, size, nil
}

// torn reports whether rest, which does not begin with a whole record, is what a
// power cut leaves of one being written: its beginning, perhaps followed by zeros
// where the file had grown already. Each change is on the medium before the next
// is begun, so only the last record can be torn; anything else is damage.
func (j *journal) torn(rest []byte) bool {
	written := bytes.TrimRight(rest, "\x00")
	if len(written) < recordHead {
		return true
	}
	if crc32.Update(j.sum, castagnoli, rest[:4]) != binary.BigEndian.Uint32(rest[4:]) {
		return false
	}
	return uint64(len(written)) < recordHead+uint64(binary.BigEndian.Uint32(rest))+recordTail
}
