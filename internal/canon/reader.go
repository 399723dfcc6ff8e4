package canon

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
)

// Read has read walk over the one canonical item of data. It is [Unmarshal] for
// what is decoded in every ceremony, without reflection, and its errors are the
// same.
func Read(data []byte, read func(*Reader)) error {
	if err := Check(data); err != nil {
		return err
	}
	r := &Reader{scanner: scanner{data: data}}
	read(r)
	return r.err
}

// Reader walks over items in the order of the bytes. The first failure ends the
// walk: what is read after it is empty. Of all items, null and undefined are only
// good for Raw and Skip. Strings are copies.
type Reader struct {
	scanner scanner
	err     error
}

// IntKeys yields the integer keys of a map, each when the Reader stands before
// its value, which the loop must read or [Reader.Skip]. Keys of other types are
// passed over.
func (r *Reader) IntKeys(yield func(key int64) bool) {
	for range r.pairs {
		if major := r.peek(); major != majorUint && major != majorNegative {
			r.skipPair()
			continue
		}
		if key := r.Int(); r.err != nil || !yield(key) {
			return
		}
	}
}

// TextKeys does the same with text keys, which are good for one round of the
// loop.
func (r *Reader) TextKeys(yield func(key []byte) bool) {
	for range r.pairs {
		if r.peek() != majorText {
			r.skipPair()
			continue
		}
		if key := r.text(); r.err != nil || !yield(key) {
			return
		}
	}
}

func (r *Reader) skipPair() {
	r.Skip()
	r.Skip()
}

func (r *Reader) pairs(yield func() bool) { r.each(majorMap, "a map", yield) }

// Elements yields once for each element of an array, when the Reader stands
// before it. The loop must read it or [Reader.Skip] it.
func (r *Reader) Elements(yield func() bool) { r.each(majorArray, "an array", yield) }

func (r *Reader) each(major byte, what string, yield func() bool) {
	for range r.next(major, what) {
		if r.err != nil || !yield() {
			return
		}
	}
}

// Bytes reads a byte string. It is never nil, unless it fails.
func (r *Reader) Bytes() []byte {
	return bytes.Clone(r.take(r.next(majorBytes, "a byte string")))
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
	if r.peek() == majorNegative {
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
	return bytes.Clone(r.scanner.data[at:r.scanner.pos])
}

// Skip reads any item and passes over it.
func (r *Reader) Skip() {
	if r.err == nil {
		r.Fail(r.scanner.item(MaxDepth))
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

// peek returns the major type of the next item.
func (r *Reader) peek() byte {
	if r.err != nil || r.scanner.pos >= len(r.scanner.data) {
		return majorSimple
	}
	return r.scanner.data[r.scanner.pos] >> 5
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

// take reads n bytes of content, which the check has seen to be there.
func (r *Reader) take(n uint64) []byte {
	start := r.scanner.pos
	r.scanner.pos += int(n)
	return r.scanner.data[start:r.scanner.pos]
}

func (r *Reader) wants(what string, at int) {
	if at < len(r.scanner.data) {
		what += ", found " + majorNames[r.scanner.data[at]>>5]
	}
	r.Fail(&TypeError{fmt.Errorf("at byte %d: want %s", at, what)})
}
