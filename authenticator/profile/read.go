package profile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"unicode/utf8"
)

// MaxFile is the longest file of a profile, in bytes.
const MaxFile = 1 << 20

// Bounds of what people write in a profile, in code points.
const (
	maxID   = 64
	maxName = 64
	maxText = 1024 // also of every other string
)

// ReadFile reads a profile that somebody wrote. Every problem is said with its line.
func ReadFile(path string) (Profile, error) {
	file, err := os.Open(path)
	if err != nil {
		return Profile{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err != nil {
		return Profile{}, err
	}
	return Read(path, data)
}

// Read reads a profile; name is what errors call the text. Members that are unknown
// or there twice are refused, and so are profiles of which no device can be made.
func Read(name string, data []byte) (Profile, error) {
	if len(data) > MaxFile {
		return Profile{}, fmt.Errorf("%s:1: longer than %d bytes", name, MaxFile)
	}
	top, err := parse(name, data)
	if err != nil {
		return Profile{}, err
	}
	r := &reader{file: name}
	var p Profile
	r.profile(&p, top)
	if len(r.problems) > 0 {
		return Profile{}, errors.Join(r.problems...)
	}
	if _, err := p.Model(); err != nil {
		return Profile{}, fmt.Errorf("%s:%d: %w", name, top.line, err)
	}
	return p, nil
}

// reader collects what is wrong.
type reader struct {
	file     string
	problems []error
}

func (r *reader) wrong(n *node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", r.file, n.line, fmt.Sprintf(format, args...)))
}

// object reads the members of an object, those that must be there first.
func (r *reader) object(n *node, where string, must []string, may []string, read func(name string, value *node)) {
	if n.form != isObject {
		r.wrong(n, "%s: want an object", where)
		return
	}
	for i, name := range n.names {
		if known := slices.Concat(must, may); !slices.Contains(known, name) {
			r.wrong(n.elements[i], "%s: unknown member %q%s", where, name, didYouMean(name, known))
			continue
		}
		read(name, n.elements[i])
	}
	for _, name := range must {
		if !slices.Contains(n.names, name) {
			r.wrong(n, "%s: member %q is missing", where, name)
		}
	}
}

func (r *reader) profile(p *Profile, n *node) {
	r.object(n, "profile", []string{"id", "name", "kind", "facts"}, []string{"about", "quirks", "differs"}, func(name string, value *node) {
		switch name {
		case "id":
			if p.ID = r.text(value, name, maxID); p.ID != "" && !idForm.MatchString(p.ID) {
				r.wrong(value, "id: %q is not of lower case letters, digits and single hyphens", p.ID)
			}
		case "name":
			p.Name = r.text(value, name, maxName)
		case "kind":
			var err error
			if p.Kind, err = kinds.read(value); err != nil {
				r.wrong(value, "kind: %v", err)
			}
		case "about":
			p.About = r.text(value, name, maxText)
		case "facts":
			r.facts(p, value)
		case "quirks":
			r.each(value, name, func(e *node) { p.Quirks = append(p.Quirks, r.quirk(e)) })
		case "differs":
			r.each(value, name, func(e *node) { p.Differs = append(p.Differs, r.difference(e)) })
		}
	})
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (r *reader) text(n *node, where string, limit int) string {
	text, err := words(n)
	if err == nil && utf8.RuneCountInString(text) > limit {
		err = fmt.Errorf("longer than %d characters", limit)
	}
	if err != nil {
		r.wrong(n, "%s: %v", where, err)
		return ""
	}
	return text
}

func (r *reader) each(n *node, where string, read func(*node)) {
	if n.form != isArray || len(n.elements) > maxListed {
		r.wrong(n, "%s: want a list of at most %d", where, maxListed)
		return
	}
	for _, e := range n.elements {
		read(e)
	}
}

func (r *reader) facts(p *Profile, n *node) {
	r.object(n, "facts", nil, memberNames(), func(name string, value *node) {
		i := slices.IndexFunc(members, func(m member) bool { return m.name == name })
		r.fact(p, members[i], value)
	})
}

// fact reads a value with its source, in either order.
func (r *reader) fact(p *Profile, m member, n *node) {
	var value, at *node
	r.object(n, m.name, []string{"value", "source"}, nil, func(name string, v *node) {
		if name == "value" {
			value = v
		} else {
			at = v
		}
	})
	if value == nil || at == nil {
		return // told already
	}
	source := Source(r.text(at, m.name+": source", maxText))
	if source == "" {
		return
	}
	if err := m.read(p, value, source); err != nil {
		r.wrong(value, "%s: %v", m.name, err)
	}
}

func (r *reader) quirk(n *node) (q Quirk) {
	r.object(n, "quirks", []string{"text", "source"}, []string{"fault"}, func(name string, value *node) {
		switch text := r.text(value, "quirks: "+name, maxText); name {
		case "text":
			q.Text = text
		case "source":
			q.Source = Source(text)
		case "fault":
			q.Fault = text
		}
	})
	return q
}

func (r *reader) difference(n *node) (d Difference) {
	r.object(n, "differs", []string{"fact", "why"}, nil, func(name string, value *node) {
		switch text := r.text(value, "differs: "+name, maxText); name {
		case "fact":
			if d.Fact = text; text != "" && !isFact(text) {
				r.wrong(value, "differs: %q is no fact%s", text, didYouMean(text, memberNames()))
			}
		case "why":
			d.Why = text
		}
	})
	return d
}
