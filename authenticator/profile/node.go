package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// form is what kind of JSON a node is.
type form int

const (
	isNull form = iota
	isBool
	isNumber
	isString
	isArray
	isObject
)

// node is a JSON value that knows its line.
type node struct {
	line     int // counted from 1
	form     form
	truth    bool
	text     string   // of strings and numbers
	names    []string // of an object's members, each once
	elements []*node  // of arrays; of objects, beside the names
}

// Bounds that no profile comes near.
const (
	maxDepth   = 8
	maxMembers = 64 // of an object
)

// parser makes nodes of a text.
type parser struct {
	data   []byte
	tokens *json.Decoder
	file   string
	read   int64 // how far lines are counted
	lines  int
}

func parse(file string, data []byte) (*node, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s:%d: not UTF-8", file, 1+bytes.Count(data[:firstInvalid(data)], []byte{'\n'}))
	}
	p := &parser{data: data, tokens: json.NewDecoder(bytes.NewReader(data)), file: file}
	p.tokens.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.tokens.Token(); !errors.Is(err, io.EOF) {
		return nil, p.wrong("something follows the profile")
	}
	return n, nil
}

// firstInvalid is where data stops being UTF-8.
func firstInvalid(data []byte) (at int) {
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// line is where the last token ended. No token goes over several.
func (p *parser) line() int {
	end := p.tokens.InputOffset()
	p.lines += bytes.Count(p.data[p.read:end], []byte{'\n'})
	p.read = end
	return 1 + p.lines
}

func (p *parser) wrong(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.file, p.line(), fmt.Sprintf(format, args...))
}

func (p *parser) token() (json.Token, error) {
	t, err := p.tokens.Token()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.wrong("the text ends too soon")
	case err != nil:
		return nil, p.wrong("%v", err)
	}
	return t, nil
}

func (p *parser) value(depth int) (*node, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	n := &node{line: p.line()}
	switch t := t.(type) {
	case bool:
		n.form, n.truth = isBool, t
	case json.Number:
		n.form, n.text = isNumber, t.String()
	case string:
		n.form, n.text = isString, t
		err = p.short(t)
	case json.Delim:
		if depth == maxDepth {
			return nil, p.wrong("objects and lists are nested deeper than %d", maxDepth)
		}
		if t == '{' {
			n.form = isObject
		} else {
			n.form = isArray
		}
		err = p.inside(n, depth+1)
	}
	return n, err
}

// inside reads what is in an object or a list, and its end.
func (p *parser) inside(n *node, depth int) error {
	for p.tokens.More() {
		if n.form == isObject {
			if err := p.name(n); err != nil {
				return err
			}
		}
		value, err := p.value(depth)
		if err != nil {
			return err
		}
		n.elements = append(n.elements, value)
	}
	_, err := p.token()
	return err
}

func (p *parser) name(n *node) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	name, _ := t.(string) // the decoder lets nothing else stand here
	if err := p.short(name); err != nil {
		return err
	}
	if len(n.names) == maxMembers {
		return p.wrong("an object has more than %d members", maxMembers)
	}
	if slices.Contains(n.names, name) {
		return p.wrong("member %q is there twice", name)
	}
	n.names = append(n.names, name)
	return nil
}

func (p *parser) short(text string) error {
	if utf8.RuneCountInString(text) > maxText {
		return p.wrong("a string is longer than %d characters", maxText)
	}
	return nil
}
