package jsontext

import "fmt"

// peek passes over white space and returns the byte there, 0 at the end or
// after a failure.
func (r *Reader) peek() byte {
	if r.err != nil {
		return 0
	}
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// expect passes over one byte of punctuation.
func (r *Reader) expect(c byte) {
	if r.peek() != c {
		r.wants(string(rune(c)))
		return
	}
	r.pos++
}

// open enters an object or array, unless it is null, and reports whether there
// is something in it.
func (r *Reader) open(open, end byte) bool {
	if r.Null() {
		return false
	}
	r.expect(open)
	if r.depth++; r.depth > MaxDepth {
		r.Fail(errDepth)
	}
	if r.peek() != end {
		return r.err == nil
	}
	return r.close()
}

// next passes over what separates two members or elements, or ends them.
func (r *Reader) next(end byte) bool {
	if r.peek() == end {
		return r.close()
	}
	r.expect(',')
	return r.err == nil
}

// close leaves an object or array. It returns false: nothing more is in it.
func (r *Reader) close() bool {
	r.pos++
	r.depth--
	return false
}

// word reads one of the three names that JSON has.
func (r *Reader) word(name string) bool {
	if rest := r.data[r.pos:]; len(rest) < len(name) || string(rest[:len(name)]) != name {
		r.wants(name)
		return false
	}
	r.pos += len(name)
	return true
}

// number reads a number as it is spelled.
func (r *Reader) number() []byte {
	c := r.peek()
	start := r.pos
	if c == '-' {
		r.pos++
	}
	whole := r.digits()
	ok := whole == 1 || whole > 1 && r.data[r.pos-whole] != '0'
	if ok && r.at('.') {
		r.pos++
		ok = r.digits() > 0
	}
	if ok && (r.at('e') || r.at('E')) {
		r.pos++
		if r.at('+') || r.at('-') {
			r.pos++
		}
		ok = r.digits() > 0
	}
	if !ok {
		r.wants("a value")
		return nil
	}
	return r.data[start:r.pos]
}

func (r *Reader) at(c byte) bool { return r.pos < len(r.data) && r.data[r.pos] == c }

func (r *Reader) digits() int {
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos]-'0' < 10 {
		r.pos++
	}
	return r.pos - start
}

func (r *Reader) wants(what string) {
	if r.err != nil {
		return
	}
	found := "the end of the text"
	if r.pos < len(r.data) {
		found = fmt.Sprintf("%q", r.data[r.pos])
	}
	r.err = fmt.Errorf("JSON byte %d: want %s, found %s", r.pos, what, found)
}
