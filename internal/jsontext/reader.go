// Package jsontext reads and writes JSON (RFC 8259) of shapes known beforehand,
// without reflection: the few documents that pass in every ceremony.
//
// It owns the syntax, as strict as encoding/json, to which its tests hold it and
// which it asks about strings with escapes. It must never know what a member
// means.
package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// MaxDepth is the deepest nesting of objects and arrays that is read.
const MaxDepth = 100

// Reader walks through one JSON text, value by value, in the order of the text.
// The first failure ends the walk: everything read after it is empty, and
// [Reader.End] returns it. null may stand for any value and reads as empty.
type Reader struct {
	data  []byte
	pos   int
	depth int
	err   error
}

// NewReader returns a Reader at the start of data, which must not change while
// it is read.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Members yields the names of an object's members, each when the Reader stands
// before its value, which the loop must read or [Reader.Skip]. Where a name
// comes again, it is yielded again. A name is good until the next is yielded.
func (r *Reader) Members(yield func(name []byte) bool) {
	for more := r.open('{', '}'); more; more = r.next('}') {
		name := r.text()
		r.expect(':')
		if r.err != nil || !yield(name) {
			return
		}
	}
}

// Elements yields once for each element of an array, when the Reader stands
// before it. The loop must read it or [Reader.Skip] it.
func (r *Reader) Elements(yield func() bool) {
	for more := r.open('[', ']'); more; more = r.next(']') {
		if !yield() {
			return
		}
	}
}

// String reads a string.
func (r *Reader) String() string { return string(r.Text()) }

// Text is [Reader.String] without a copy where none is needed: what it returns
// is not to be changed. It is nil for null only.
func (r *Reader) Text() []byte {
	if r.Null() {
		return nil
	}
	return r.text()
}

// Known is [Reader.String] without a copy where the string is one of those
// expected.
func (r *Reader) Known(expected ...string) string {
	text := r.Text()
	for _, s := range expected {
		if string(text) == s {
			return s
		}
	}
	return string(text)
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	switch r.peek() {
	case 't':
		return r.word("true")
	case 'f':
		r.word("false")
	default:
		if !r.Null() {
			r.wants("true or false")
		}
	}
	return false
}

// Int reads a whole number that fits bits, with a sign.
func (r *Reader) Int(bits int) int64 {
	if r.Null() {
		return 0
	}
	n, err := strconv.ParseInt(string(r.number()), 10, bits)
	r.fits(err, bits)
	return n
}

// Uint reads a whole number that fits bits, without a sign.
func (r *Reader) Uint(bits int) uint64 {
	if r.Null() {
		return 0
	}
	n, err := strconv.ParseUint(string(r.number()), 10, bits)
	r.fits(err, bits)
	return n
}

func (r *Reader) fits(err error, bits int) {
	if err != nil {
		r.Fail(fmt.Errorf("before byte %d: want a whole number of %d bits: %w", r.pos, bits, err))
	}
}

// Null reads null if it is next, and reports whether it was, for callers to
// whom absent and empty are not the same.
func (r *Reader) Null() bool { return r.peek() == 'n' && r.word("null") }

// Raw reads any value as the text it is. The result shares memory with the text.
func (r *Reader) Raw() []byte {
	r.peek()
	start := r.pos
	r.Skip()
	if r.err != nil {
		return nil
	}
	return r.data[start:r.pos:r.pos]
}

// Skip reads any value and checks no more than its syntax.
func (r *Reader) Skip() {
	switch c := r.peek(); c {
	case '{':
		for range r.Members {
			r.Skip()
		}
	case '[':
		for range r.Elements {
			r.Skip()
		}
	case '"':
		r.text()
	case 't', 'f':
		r.Bool()
	case 'n':
		r.word("null")
	default:
		r.number()
	}
}

// Offset is where in the text the Reader stands, in bytes: before the next value,
// or where the walk failed.
func (r *Reader) Offset() int {
	r.peek()
	return r.pos
}

// Rewind goes back to an [Reader.Offset] of before a value that has just been
// read, to read it once more.
func (r *Reader) Rewind(offset int) {
	if r.err == nil {
		r.pos = offset
	}
}

// Fail ends the walk for a reason of the caller's.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// End returns the first failure, and is one itself when something other than
// white space follows what was read.
func (r *Reader) End() error {
	if r.peek(); r.err == nil && r.pos < len(r.data) {
		r.wants("the end of the text")
	}
	return r.err
}

// text reads a string that may not be null.
func (r *Reader) text() []byte {
	if r.peek() != '"' {
		r.wants("a string")
		return nil
	}
	allPlain := true
	for i := r.pos + 1; i < len(r.data); i++ {
		if i += plain(r.data[i:]); i == len(r.data) {
			break
		}
		switch c := r.data[i]; {
		case c == '"':
			literal := r.data[r.pos : i+1 : i+1]
			r.pos = i + 1
			if allPlain {
				return literal[1 : len(literal)-1]
			}
			return r.unquote(literal)
		case c == '\\':
			i++
		case c < ' ':
			r.pos = i
			r.wants("a string without control characters")
			return nil
		}
		allPlain = false
	}
	r.pos = len(r.data)
	r.wants("the end of a string")
	return nil
}

// unquote reads a string with escapes, or with what may not be UTF-8.
func (r *Reader) unquote(literal []byte) []byte {
	var s string
	if err := json.Unmarshal(literal, &s); err != nil {
		r.Fail(fmt.Errorf("before byte %d: %w", r.pos, err))
		return nil
	}
	return []byte(s)
}

var errDepth = errors.New("objects and arrays are nested deeper than " + strconv.Itoa(MaxDepth))
