// Package jsondoc reads JSON documents that come from elsewhere, strictly, and
// tells of everything that is wrong with one: each problem with its line, the path
// to it, and the reason.
//
// It owns how problems are found and told. It must never know what a document is
// for.
package jsondoc

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	Line   int    // counted from 1
	Path   string // as in "accounts[0].items[2].title"; "" = the document itself
	Reason string
}

func (p Problem) String() string {
	if p.Path == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d, %s: %s", p.Line, p.Path, p.Reason)
}

// maxProblems is how many problems are told of one document.
const maxProblems = 100

// ErrDocument says that a document was refused. It comes as an [*Error].
var ErrDocument = errors.New("the document is refused")

// Error lists what is wrong with a document, in the order of its text, a hundred
// problems at most.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	all := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		all[i] = p.String()
	}
	return ErrDocument.Error() + ": " + strings.Join(all, "; ")
}

// Unwrap returns ErrDocument.
func (e *Error) Unwrap() error { return ErrDocument }

// Reader stands in one document. What it returns after a problem is empty; the
// document is refused anyway.
type Reader struct {
	text     *jsontext.Reader
	data     []byte
	path     []string
	at       int   // where the last value that was read begins
	breaks   []int // where lines end, once somebody has asked
	problems []Problem
}

// Read has root read the document, which is one value of at most maxBytes. It
// returns an [*Error] unless everything is as root wants it.
func Read(data []byte, maxBytes int, root func(*Reader)) error {
	r := &Reader{text: jsontext.NewReader(data), data: data}
	switch {
	case len(data) > maxBytes:
		r.Problem("%d bytes, at most %d are read", len(data), maxBytes)
		return &Error{r.problems}
	case !utf8.Valid(data):
		r.at = invalid(data)
		r.Problem("not UTF-8")
		return &Error{r.problems}
	}
	root(r)
	if err := r.text.End(); err != nil && !errors.Is(err, errEnough) {
		r.at = r.text.Offset()
		r.Problem("%s", err)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return &Error{r.problems}
	}
	return nil
}

// invalid is where data is not UTF-8.
func invalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(data)
}

var errEnough = errors.New("there are more problems than are told")

// Problem notes that something is wrong with the value read last, or with the
// object or array that is being read where none in it was.
func (r *Reader) Problem(format string, args ...any) {
	if len(r.problems) == maxProblems {
		r.text.Fail(errEnough)
		return
	}
	p := r.Where()
	p.Reason = fmt.Sprintf(format, args...)
	r.problems = append(r.problems, p)
}

// line is the number of the line that at is in.
func (r *Reader) line() int {
	if r.breaks == nil {
		r.breaks = make([]int, 0, 1)
		for i, c := range r.data {
			if c == '\n' {
				r.breaks = append(r.breaks, i)
			}
		}
	}
	before, _ := slices.BinarySearch(r.breaks, r.at)
	return 1 + before
}

// Problems counts what has been found so far.
func (r *Reader) Problems() int { return len(r.problems) }

// Where is the path and the line of the value read last, for telling of it later.
func (r *Reader) Where() Problem {
	return Problem{Line: r.line(), Path: strings.Join(r.path, "")}
}

// begin notes where a value begins, and objects to null.
func (r *Reader) begin() (there bool) {
	r.at = r.text.Offset()
	if r.text.Null() {
		r.Problem("is null")
		return false
	}
	return true
}

// Object reads an object. Each member is read by the function under its name;
// unknown ones are passed over, and told to others, unless it is nil. A member that
// is required and missing is a problem, and so is one that is there twice.
func (r *Reader) Object(required []string, members map[string]func(), others func(name string)) {
	if !r.begin() {
		return
	}
	start := r.at
	seen := make(map[string]bool, len(members))
	for text := range r.text.Members {
		name := string(text)
		read, known := members[name]
		r.enter(dotted(r.path, name), func() {
			r.at = r.text.Offset()
			switch {
			case seen[name]:
				r.Problem("is there twice")
				r.text.Skip()
			case !known:
				if others != nil {
					others(name)
				}
				r.text.Skip()
			default:
				read()
			}
			seen[name] = true
		})
	}
	r.at = start
	for _, name := range required {
		if !seen[name] {
			r.Problem("lacks %q", name)
		}
	}
}

// Fields reads an object whose members have names of the writer's, at most limit. Each
// value is read by each. A name that is there twice is a problem.
func (r *Reader) Fields(limit int, each func(name string)) {
	if !r.begin() {
		return
	}
	start := r.at
	seen := map[string]bool{}
	for text := range r.text.Members {
		name := string(text)
		if len(seen) == limit {
			r.at = start
			r.Problem("has more than %d members", limit)
			r.text.Fail(errEnough)
			return
		}
		r.enter(dotted(r.path, name), func() {
			r.at = r.text.Offset()
			if seen[name] {
				r.Problem("is there twice")
			}
			seen[name] = true
			each(name)
		})
	}
	r.at = start
}

func dotted(path []string, name string) string {
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	if len(path) == 0 {
		return name
	}
	return "." + name
}

// Array reads an array of at most limit elements, each by element.
func (r *Reader) Array(limit int, element func()) {
	if !r.begin() {
		return
	}
	start, i := r.at, 0
	for range r.text.Elements {
		if i == limit {
			r.at = start
			r.Problem("has more than %d elements", limit)
			r.text.Fail(errEnough)
			return
		}
		r.enter("["+strconv.Itoa(i)+"]", element)
		i++
	}
	r.at = start
}

func (r *Reader) enter(step string, read func()) {
	r.path = append(r.path, step)
	read()
	r.path = r.path[:len(r.path)-1]
}

// String reads a string of at most limit bytes.
func (r *Reader) String(limit int) string {
	if !r.begin() {
		return ""
	}
	s := r.text.String()
	if strings.ContainsRune(s, utf8.RuneError) && !writtenOut(r.data[r.at:r.text.Offset()]) {
		r.Problem("has half of a surrogate pair")
		return ""
	}
	if len(s) > limit {
		r.Problem("%d bytes, at most %d are read", len(s), limit)
		return ""
	}
	return s
}

// writtenOut reports whether a string has U+FFFD because somebody wrote it, and not
// in place of half of a surrogate pair, which is no character.
func writtenOut(literal []byte) bool {
	return bytes.ContainsRune(literal, utf8.RuneError) || bytes.Contains(bytes.ToLower(literal), []byte(`\ufffd`))
}

// Base64URL reads bytes in base64url without padding, from least to most of them.
func (r *Reader) Base64URL(least, most int) []byte {
	return r.base64(least, most, base64.RawURLEncoding.Strict())
}

// AnyBase64 is [Reader.Base64URL] for writers that disagree: it takes both
// alphabets, with padding or without.
func (r *Reader) AnyBase64(least, most int) []byte {
	return r.base64(least, most, base64.RawURLEncoding.Strict(), base64.RawStdEncoding.Strict(), base64.StdEncoding.Strict(), base64.URLEncoding.Strict())
}

func (r *Reader) base64(least, most int, encodings ...*base64.Encoding) []byte {
	if !r.begin() {
		return nil
	}
	text := r.text.String()
	if len(text) > base64.StdEncoding.EncodedLen(most) {
		r.Problem("%d characters of base64, for at most %d bytes", len(text), most)
		return nil
	}
	for _, encoding := range encodings {
		if data, err := decode(encoding, text); err == nil {
			if len(data) < least || len(data) > most {
				r.Problem("%d bytes, want %d to %d", len(data), least, most)
				return nil
			}
			return data
		}
	}
	r.Problem("is not in base64url, or not in canonical form")
	return nil
}

// decode refuses the line breaks that encoding/base64 passes over.
func decode(encoding *base64.Encoding, text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("line breaks")
	}
	return encoding.DecodeString(text)
}

// Uint reads a whole number of so many bits.
func (r *Reader) Uint(bits int) uint64 {
	if !r.begin() {
		return 0
	}
	return r.text.Uint(bits)
}

// Bool reads true or false.
func (r *Reader) Bool() bool { return r.begin() && r.text.Bool() }

// TypeOf looks ahead into an object for the member that says what it is, a string
// of at most limit bytes. It reports whether there is one; if not, that is a
// problem, and the value has been passed over.
func (r *Reader) TypeOf(member string, limit int) (kind string, is bool) {
	r.at = r.text.Offset()
	start := r.at
	raw := r.text.Raw()
	ahead := jsontext.NewReader(raw)
	seen := 0
	for name := range ahead.Members {
		if string(name) != member {
			ahead.Skip()
			continue
		}
		kind = ahead.String()
		seen++
	}
	switch {
	case raw == nil: // the text ends here, and is told of at the end
		return "", false
	case ahead.End() != nil, seen != 1, len(kind) > limit:
		r.Problem("is no object with one string %q", member)
		return "", false
	}
	r.text.Rewind(start)
	return kind, true
}

// Raw reads any value, and returns it as it is written.
func (r *Reader) Raw() []byte {
	r.at = r.text.Offset()
	return r.text.Raw()
}

// Null reads null where there is one, and reports whether there was.
func (r *Reader) Null() bool { return r.text.Null() }

// Skip passes over a value.
func (r *Reader) Skip() { r.text.Skip() }
