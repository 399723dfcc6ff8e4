package canon

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Read has read walk over the one canonical item of data. It is [Unmarshal] for
// what is decoded in every ceremony, without reflection, and its errors are the
// same.
func Read(data []byte, read func(*Reader)) error {
	return walk(&Reader{scanner: scanner{data: data}, copies: true}, read)
}

// ReadInPlace does the same, but the byte strings it reads share memory with data.
func ReadInPlace(data []byte, read func(*Reader)) error {
	return walk(&Reader{scanner: scanner{data: data}}, read)
}

// walk holds the bytes to the canonical form as they are read. Bytes that break it
// anywhere are refused for that and not for what does not fit the message.
func walk(r *Reader, read func(*Reader)) error {
	read(r)
	if r.err == nil && r.scanner.pos == len(r.scanner.data) {
		return nil
	}
	if err := Check(r.scanner.data); err != nil {
		return err
	}
	return r.err
}

// Reader walks over items in the order of the bytes. The first failure ends the
// walk: what is read after it is empty. Of all items, null and undefined are only
// good for Raw and Skip.
type Reader struct {
	scanner scanner
	depth   int  // of the maps and arrays entered
	copies  bool // of byte strings
	err     error
}

// IntKeys yields the integer keys of a map, each when the Reader stands before
// its value, which the loop must read or [Reader.Skip]. Keys of other types are
// passed over.
func (r *Reader) IntKeys(yield func(key int64) bool) {
	var previous []byte
	for range r.enter(majorMap, "a map") {
		at, isInt, key := r.scanner.pos, r.nextIs(majorUint) || r.nextIs(majorNegative), int64(0)
		if isInt {
			key = r.Int()
		} else {
			r.Skip()
		}
		if previous = r.ordered(previous, at); r.err != nil {
			return
		}
		if !isInt {
			r.Skip()
		} else if !yield(key) {
			return
		}
	}
	r.depth--
}

// TextKeys does the same with text keys, which are good for one round of the
// loop.
func (r *Reader) TextKeys(yield func(key []byte) bool) {
	var previous []byte
	for range r.enter(majorMap, "a map") {
		at, isText, key := r.scanner.pos, r.nextIs(majorText), []byte(nil)
		if isText {
			key = r.text()
		} else {
			r.Skip()
		}
		if previous = r.ordered(previous, at); r.err != nil {
			return
		}
		if !isText {
			r.Skip()
		} else if !yield(key) {
			return
		}
	}
	r.depth--
}

// ordered returns the key that began at a byte and has just been read, if it may
// follow the one before it.
func (r *Reader) ordered(previous []byte, at int) []byte {
	if r.err != nil {
		return nil
	}
	key := r.scanner.data[at:r.scanner.pos]
	r.Fail(r.scanner.order(at, previous, key))
	return key
}

// Elements yields once for each element of an array, when the Reader stands
// before it. The loop must read it or [Reader.Skip] it.
func (r *Reader) Elements(yield func() bool) {
	for range r.enter(majorArray, "an array") {
		if r.err != nil || !yield() {
			return
		}
	}
	r.depth--
}

// enter reads the head of a map or array and returns its count.
func (r *Reader) enter(major byte, what string) uint64 {
	at := r.scanner.pos
	n := r.next(major, what)
	r.Fail(r.scanner.room(at, n))
	if r.depth++; r.depth > MaxDepth {
		r.Fail(r.scanner.fail(at, "nesting is at most four levels"))
	}
	if r.err != nil {
		return 0
	}
	return n
}

// Bytes reads a byte string. It is never nil, unless it fails.
func (r *Reader) Bytes() []byte {
	return r.keep(r.take(r.next(majorBytes, "a byte string")))
}

// keep makes what was read the caller's, as far as its capacity.
func (r *Reader) keep(b []byte) []byte {
	if r.copies {
		return bytes.Clone(b)
	}
	return slices.Clip(b)
}

// Text reads a text string.
func (r *Reader) Text() string { return string(r.text()) }

// Known is [Reader.Text] without a copy where the text is the one expected.
func (r *Reader) Known(expected string) string {
	text := r.text()
	if string(text) == expected {
		return expected
	}
	return string(text)
}

func (r *Reader) text() []byte {
	at := r.scanner.pos
	text := r.take(r.next(majorText, "a text string"))
	if !utf8.Valid(text) {
		r.Fail(&FormError{Rule: validText, Offset: at})
		return nil
	}
	return text
}

// Int reads an integer that fits 64 bits with a sign.
func (r *Reader) Int() int64 {
	major, what := byte(majorUint), "an integer of 64 bits"
	if r.nextIs(majorNegative) {
		major = majorNegative
	}
	at := r.scanner.pos
	n := r.next(major, what)
	switch {
	case n > math.MaxInt64:
		r.wants(what, at)
		return 0
	case major == majorNegative && r.err == nil:
		return -1 - int64(n)
	}
	return int64(n)
}

// Uint reads an integer that is not negative.
func (r *Reader) Uint() uint64 { return r.next(majorUint, "an unsigned integer") }

// Bool reads true or false.
func (r *Reader) Bool() bool {
	switch {
	case r.passes(simpleTrue):
		return true
	case !r.passes(simpleFalse):
		r.wants("true or false", r.scanner.pos)
	}
	return false
}

// Raw reads any item as the bytes it is.
func (r *Reader) Raw() Raw {
	at := r.scanner.pos
	r.Skip()
	if r.err != nil {
		return nil
	}
	return r.keep(r.scanner.data[at:r.scanner.pos])
}

// RawWithin is Raw for an item that may nest so many levels itself, whatever it
// stands in. CTAP has messages end at [MaxDepth]; what passes here is for a format of
// somebody else's that needs more.
func (r *Reader) RawWithin(levels int) Raw {
	at := r.scanner.pos
	if r.err == nil {
		r.Fail(r.scanner.item(levels))
	}
	if r.err != nil {
		return nil
	}
	return r.keep(r.scanner.data[at:r.scanner.pos])
}

// Skip reads any item and passes over it.
func (r *Reader) Skip() {
	if r.err == nil {
		r.Fail(r.scanner.item(MaxDepth - r.depth))
	}
}

// passes reads one simple value if it is next, and reports whether it was.
func (r *Reader) passes(simple byte) bool {
	if r.err != nil || r.scanner.pos >= len(r.scanner.data) || r.scanner.data[r.scanner.pos] != majorSimple<<5|simple {
		return false
	}
	r.scanner.pos++
	return true
}

// Fail ends the walk, if err is one.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// nextIs reports whether the next item is of a major type.
func (r *Reader) nextIs(major byte) bool {
	return r.err == nil && r.scanner.pos < len(r.scanner.data) && r.scanner.data[r.scanner.pos]>>5 == major
}

// next reads the head of an item of a major type and returns its argument.
func (r *Reader) next(major byte, what string) uint64 {
	if r.err != nil {
		return 0
	}
	at := r.scanner.pos
	got, arg, err := r.scanner.head()
	r.Fail(err)
	if got != major {
		r.wants(what, at)
	}
	if r.err != nil {
		return 0
	}
	return arg
}

// take reads n bytes of content.
func (r *Reader) take(n uint64) []byte {
	start := r.scanner.pos
	if n > uint64(len(r.scanner.data)-start) {
		r.Fail(r.scanner.fail(start, "a string ends within the message"))
		return nil
	}
	r.scanner.pos += int(n)
	return r.scanner.data[start:r.scanner.pos]
}

func (r *Reader) wants(what string, at int) {
	if at < len(r.scanner.data) {
		what += ", found " + majorNames[r.scanner.data[at]>>5]
	}
	r.Fail(&TypeError{fmt.Errorf("at byte %d: want %s", at, what)})
}
