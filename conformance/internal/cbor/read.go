package cbor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// Bounds on what is read.
const (
	maxDepth = 32
	maxItems = 1 << 14
	// canonicalDepth is how deeply maps and arrays may be nested (CTAP 2.3 §8).
	canonicalDepth = 4
)

// Item is what was read: a value, and where its bytes depart from the canonical
// form of CTAP2.
type Item struct {
	Value   any
	Defects []Defect
}

// Defect is a departure from the canonical form.
type Defect struct {
	At   int // offset of the item that has it
	What string
}

// String tells the defect and where it is.
func (d Defect) String() string { return fmt.Sprintf("%s at byte %d", d.What, d.At) }

// Decode reads exactly one item. The error is for what is not well-formed.
func Decode(data []byte) (Item, error) {
	item, rest, err := DecodeFirst(data)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow the item", len(rest))
	}
	return item, err
}

// DecodeFirst reads the first item, and returns what follows it.
func DecodeFirst(data []byte) (item Item, rest []byte, err error) {
	r := reader{data: data}
	v, err := r.value(0)
	if err != nil {
		return Item{}, nil, fmt.Errorf("byte %d: %w", r.at, err)
	}
	return Item{v, r.defects}, data[r.at:], nil
}

type reader struct {
	data    []byte
	at      int
	items   int
	defects []Defect
}

var (
	errShort = errors.New("it ends in the middle of an item")
	errDeep  = fmt.Errorf("nested more than %d deep", maxDepth)
	errMany  = fmt.Errorf("more than %d items", maxItems)
)

func (r *reader) defect(at int, format string, args ...any) {
	if len(r.defects) < 16 {
		r.defects = append(r.defects, Defect{at, fmt.Sprintf(format, args...)})
	}
}

// head reads the initial byte and the argument of an item.
func (r *reader) head() (major byte, n uint64, endless bool, err error) {
	start := r.at
	if r.at >= len(r.data) {
		return 0, 0, false, errShort
	}
	initial := r.data[r.at]
	r.at++
	major, short := initial>>5, initial&31
	if short < 24 {
		return major, uint64(short), false, nil
	}
	if short == indefinite {
		return major, 0, true, nil
	}
	if short > 27 {
		return 0, 0, false, fmt.Errorf("0x%02x begins no item", initial)
	}
	size := 1 << (short - 24)
	if len(r.data)-r.at < size {
		return 0, 0, false, errShort
	}
	var wide [8]byte
	copy(wide[8-size:], r.data[r.at:r.at+size])
	n = binary.BigEndian.Uint64(wide[:])
	r.at += size
	if major != majorSimple && len(Head(nil, major, n)) < 1+size {
		r.defect(start, "%d in %d bytes, which is not the shortest form", n, 1+size)
	}
	return major, n, false, nil
}

func (r *reader) value(depth int) (any, error) {
	start := r.at
	if r.items++; r.items > maxItems {
		return nil, errMany
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	major, n, endless, err := r.head()
	if err != nil {
		return nil, err
	}
	if endless {
		return r.endless(start, major, depth)
	}
	switch major {
	case majorUint:
		if n > math.MaxInt64 {
			return n, nil
		}
		return int64(n), nil
	case majorNegative:
		if n > math.MaxInt64 {
			return nil, fmt.Errorf("an integer below -2^63")
		}
		return -1 - int64(n), nil
	case majorBytes:
		return r.bytes(n)
	case majorText:
		return r.text(n)
	case majorArray:
		return r.array(start, n, depth)
	case majorMap:
		return r.pairs(start, n, depth)
	case majorTag:
		r.defect(start, "tag %d", n)
		content, err := r.value(depth + 1)
		return Tag{n, content}, err
	}
	return r.simple(start, n)
}

func (r *reader) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(r.data)-r.at) {
		return nil, errShort
	}
	b := bytes.Clone(r.data[r.at : r.at+int(n)])
	if b == nil {
		b = []byte{}
	}
	r.at += int(n)
	return b, nil
}

func (r *reader) text(n uint64) (string, error) {
	start := r.at
	b, err := r.bytes(n)
	if err == nil && !utf8.Valid(b) {
		r.defect(start, "text that is not UTF-8")
	}
	return string(b), err
}

func (r *reader) nested(start, depth int) {
	if depth+1 > canonicalDepth {
		r.defect(start, "nested %d deep, of %d that are allowed", depth+1, canonicalDepth)
	}
}

func (r *reader) array(start int, n uint64, depth int) (Array, error) {
	r.nested(start, depth)
	if n > uint64(len(r.data)-r.at) {
		return nil, errShort
	}
	out := Array{}
	for range n {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *reader) pairs(start int, n uint64, depth int) (Map, error) {
	r.nested(start, depth)
	if n > uint64(len(r.data)-r.at) {
		return nil, errShort
	}
	out := Map{}
	var before []byte
	for range n {
		at := r.at
		p, err := r.pair(depth)
		if err != nil {
			return nil, err
		}
		out, before = append(out, p.Pair), r.order(before, p.key, at)
	}
	return out, nil
}

type encodedPair struct {
	Pair
	key []byte
}

func (r *reader) pair(depth int) (encodedPair, error) {
	at := r.at
	key, err := r.value(depth + 1)
	if err != nil {
		return encodedPair{}, err
	}
	encoded := r.data[at:r.at]
	value, err := r.value(depth + 1)
	return encodedPair{Pair{key, value}, encoded}, err
}

// order compares a key with the one before it.
func (r *reader) order(before, key []byte, at int) []byte {
	switch {
	case before == nil:
	case bytes.Equal(before, key):
		r.defect(at, "a map key that is there twice")
	case compareKeys(before, key) > 0:
		r.defect(at, "a map key out of order")
	}
	return key
}

// simple reads what major type 7 has: booleans, null, others, and numbers with a
// point, of which the head was the number itself.
func (r *reader) simple(start int, n uint64) (any, error) {
	raw := r.data[start:r.at]
	switch {
	case len(raw) > 2:
		return Float(bytes.Clone(raw)), nil
	case len(raw) == 2 && n < 32:
		return nil, fmt.Errorf("simple value %d in two bytes", n)
	case n == simpleFalse:
		return false, nil
	case n == simpleTrue:
		return true, nil
	case n == simpleNull:
		return nil, nil
	}
	return Simple(n), nil
}

// endless reads what ends with a mark. It is well-formed, and never canonical.
func (r *reader) endless(start int, major byte, depth int) (any, error) {
	r.defect(start, "a length that is not told beforehand")
	switch major {
	case majorBytes, majorText:
		return r.chunks(major)
	case majorArray:
		out := Array{}
		for !r.ended() {
			v, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case majorMap:
		out := Map{}
		for !r.ended() {
			p, err := r.pair(depth)
			if err != nil {
				return nil, err
			}
			out = append(out, p.Pair)
		}
		return out, nil
	}
	return nil, errors.New("a mark of an end where nothing ends")
}

// ended takes the mark of an end where there is one.
func (r *reader) ended() bool {
	if r.at < len(r.data) && r.data[r.at] == 0xFF {
		r.at++
		return true
	}
	return false
}

func (r *reader) chunks(major byte) (any, error) {
	var whole []byte
	for !r.ended() {
		m, n, endless, err := r.head()
		if err != nil {
			return nil, err
		}
		if m != major || endless {
			return nil, errors.New("a string made of something else")
		}
		b, err := r.bytes(n)
		if err != nil {
			return nil, err
		}
		if r.items++; r.items > maxItems {
			return nil, errMany
		}
		whole = append(whole, b...)
	}
	if major == majorText {
		return string(whole), nil
	}
	return whole, nil
}
