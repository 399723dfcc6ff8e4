package canon

import (
	"bytes"
	"fmt"
)

// FormError says which rule of the canonical form (CTAP 2.3 §8) the bytes
// break, and at which byte.
type FormError struct {
	Rule   string // the rule, as a sentence that should hold
	Offset int    // index of the offending byte
}

func (e *FormError) Error() string {
	return fmt.Sprintf("not canonical CBOR at byte %d: %s", e.Offset, e.Rule)
}

// CBOR major types (RFC 8949 §3.1).
const (
	majorUint = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

// Simple values (RFC 8949 §3.3).
const (
	simpleFalse = 20 + iota
	simpleTrue
	simpleNull
	simpleUndefined
)

var majorNames = [...]string{
	majorUint: "an unsigned integer", majorNegative: "a negative integer", majorBytes: "a byte string", majorText: "a text string",
	majorArray: "an array", majorMap: "a map", majorTag: "a tag", majorSimple: "a simple value or float",
}

// validText is the rule that only those see who read text.
const validText = "text strings are valid UTF-8"

// Check reports whether data is exactly one item in canonical form. A nil
// error means it is; otherwise the error is a [*FormError].
func Check(data []byte) error {
	n, err := Len(data)
	if err != nil {
		return err
	}
	if n != len(data) {
		return &FormError{"nothing follows the item", n}
	}
	return nil
}

// Len returns the length in bytes of the first item of data, which must be in
// canonical form. It needs time linear in that length and no memory, whatever
// the bytes claim about themselves.
func Len(data []byte) (int, error) {
	s := scanner{data: data}
	if err := s.item(MaxDepth); err != nil {
		return 0, err
	}
	return s.pos, nil
}

type scanner struct {
	data []byte
	pos  int
}

func (s *scanner) fail(at int, rule string) error { return &FormError{rule, at} }

// item walks over one item that may nest depth more levels.
func (s *scanner) item(depth int) error {
	at := s.pos
	major, arg, err := s.head()
	if err != nil {
		return err
	}
	switch major {
	case majorBytes, majorText:
		if arg > uint64(len(s.data)-s.pos) {
			return s.fail(at, "a string ends within the message")
		}
		s.pos += int(arg)
	case majorArray, majorMap:
		if depth == 0 {
			return s.fail(at, "nesting is at most four levels")
		}
		if err := s.room(at, arg); err != nil {
			return err
		}
		if major == majorMap {
			return s.entries(arg, depth-1)
		}
		for range arg {
			if err := s.item(depth - 1); err != nil {
				return err
			}
		}
	case majorTag:
		return s.fail(at, "tags are not used")
	}
	return nil
}

// entries walks over n key-value pairs and holds the keys to their order:
// major type, then length of the encoded key, then its bytes (§8).
func (s *scanner) entries(n uint64, depth int) error {
	var previous []byte
	for range n {
		at := s.pos
		if err := s.item(depth); err != nil {
			return err
		}
		key := s.data[at:s.pos]
		if err := s.order(at, previous, key); err != nil {
			return err
		}
		previous = key
		if err := s.item(depth); err != nil {
			return err
		}
	}
	return nil
}

// room refuses a count of elements beyond the bytes left before it is looped over:
// every element takes a byte at least.
func (s *scanner) room(at int, n uint64) error {
	if n > uint64(len(s.data)-s.pos) {
		return s.fail(at, "an array or map ends within the message")
	}
	return nil
}

// order holds the key at a byte to the one before it, nil for none.
func (s *scanner) order(at int, previous, key []byte) error {
	switch order := compareKeys(previous, key); {
	case previous == nil || order < 0:
		return nil
	case order == 0:
		return s.fail(at, "each map key appears once")
	}
	return s.fail(at, "map keys are sorted by major type, length, bytes")
}

func compareKeys(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) - len(b)
	}
	if d := int(a[0]>>5) - int(b[0]>>5); d != 0 {
		return d
	}
	if d := len(a) - len(b); d != 0 {
		return d
	}
	return bytes.Compare(a, b)
}

// head reads an initial byte and its argument and insists on the shortest form.
func (s *scanner) head() (major byte, arg uint64, err error) {
	if s.pos < len(s.data) && s.data[s.pos]&0x1f <= longestShort { // as most
		initial := s.data[s.pos]
		s.pos++
		return initial >> 5, uint64(initial & 0x1f), nil
	}
	return s.longHead()
}

// longHead reads a head whose argument stands in the bytes after the initial one.
func (s *scanner) longHead() (major byte, arg uint64, err error) {
	at := s.pos
	if at >= len(s.data) {
		return 0, 0, s.fail(at, "the message does not end within an item")
	}
	major, info := s.data[at]>>5, s.data[at]&0x1f
	s.pos++
	if info > 27 {
		return 0, 0, s.fail(at, "lengths are definite and additional information is at most 27")
	}
	size := 1 << (info - 24)
	if size > len(s.data)-s.pos {
		return 0, 0, s.fail(at, "the message does not end within an item")
	}
	for _, b := range s.data[s.pos : s.pos+size] {
		arg = arg<<8 | uint64(b)
	}
	s.pos += size
	if major == majorSimple {
		if size == 1 && arg < 32 {
			return 0, 0, s.fail(at, "simple values below 32 take one byte")
		}
		return major, arg, nil // floats keep the width they came in
	}
	if !shortest(arg, size) {
		return 0, 0, s.fail(at, "integers and lengths take the shortest form")
	}
	return major, arg, nil
}

func shortest(arg uint64, size int) bool {
	switch size {
	case 1:
		return arg >= 24
	case 2:
		return arg > 0xff
	case 4:
		return arg > 0xffff
	default:
		return arg > 0xffffffff
	}
}
