package relyingparty

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// logValue is what a field is looked for to be.
type logValue struct {
	text string
	wild bool // a * in it stands for any text
}

// Wildcards: how many a value may have, and how many characters it has besides where one
// is not at its end alone.
const (
	maxWildcards  = 3
	leastLiterals = 3
)

// value reads a value, bare or in double quotes; a backslash in quotes keeps the next
// character, and no * stands for anything there.
func (p *logParser) value() (v logValue, err error) {
	if strings.HasPrefix(p.rest, `"`) {
		return p.quoted()
	}
	end := strings.IndexAny(p.rest, " )")
	if end < 0 {
		end = len(p.rest)
	}
	v.text = p.rest[:end]
	switch stars := strings.Count(v.text, "*"); {
	case v.text == "" && p.rest == "":
		return v, errors.New("a term is missing at the end")
	case v.text == "AND" || v.text == "OR" || v.text == "NOT":
		return v, fmt.Errorf("%s stands where a term has to; put it in double quotes if it is one", v.text)
	case v.text == "" || strings.ContainsAny(v.text, `:"?([]{}`):
		return v, fmt.Errorf("value %q: put it in double quotes", printable.Line(v.text))
	case stars > maxWildcards:
		return v, fmt.Errorf("value %q has more than %d wildcards", printable.Line(v.text), maxWildcards)
	case stars > 0 && strings.IndexByte(v.text, '*') < len(v.text)-1 && len(v.text)-stars < leastLiterals:
		return v, fmt.Errorf("value %q: with a * elsewhere than at the end it needs %d characters", printable.Line(v.text), leastLiterals)
	default:
		v.wild = stars > 0
	}
	p.skip(end)
	return v, nil
}

func (p *logParser) quoted() (logValue, error) {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch {
		case p.rest[i] == '"':
			p.skip(i + 1)
			return logValue{text: b.String()}, nil
		case p.rest[i] == '\\' && i+1 < len(p.rest):
			i++
		}
		b.WriteByte(p.rest[i])
	}
	return logValue{}, errors.New("a quotation has no end")
}

// between reads a range of dates: square brackets take what they name in, curly ones
// leave it out, and * is any.
func (p *logParser) between(field string) (store.Condition, error) {
	if field != fieldDate {
		return nil, errors.New("ranges are of dates: date:[2030-01-01 TO 2030-02-01]")
	}
	end := strings.IndexAny(p.rest, "]}")
	if end < 0 {
		return nil, errors.New("a range has no end")
	}
	from, to, two := strings.Cut(p.rest[1:end], " TO ")
	if !two {
		return nil, errors.New("give dates as date:[2030-01-01 TO 2030-02-01]")
	}
	first, err := readSpan(from)
	if err != nil {
		return nil, err
	}
	last, err := readSpan(to)
	if err != nil {
		return nil, err
	}
	within := store.During{From: first.from, To: last.to}
	if p.rest[0] == '{' {
		within.From = first.to
	}
	if p.rest[end] == '}' {
		within.To = last.from
	}
	p.skip(end + 1)
	return within, nil
}

// span is the time that a date stands for: a whole month, day or second, by how much of it
// is written. It begins with from and ends before to; both are zero for any time.
type span struct{ from, to time.Time }

// dateForms are how dates are written, and what each stands for.
var dateForms = []struct {
	layout string
	end    func(time.Time) time.Time
}{
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{time.DateOnly, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(time.Second) }},
	{"2006-01-02T15:04:05Z07:00", func(t time.Time) time.Time { return t.Add(time.Second) }},
}

// readSpan reads a month, a day or a moment, in UTC where it says no more; * is any time.
// A moment with a fraction of a second is a millisecond long.
func readSpan(text string) (span, error) {
	if text = strings.TrimSpace(text); text == "*" {
		return span{}, nil
	}
	for _, form := range dateForms {
		if at, err := time.Parse(form.layout, text); err == nil {
			if at.Nanosecond() != 0 || strings.Contains(text, ".") {
				at = at.Truncate(time.Millisecond)
				return span{at, at.Add(time.Millisecond)}, nil
			}
			return span{at, form.end(at)}, nil
		}
	}
	return span{}, fmt.Errorf("%q is no date; give it as 2030-01, 2030-01-31 or 2030-01-31T12:00:00Z", printable.Line(text))
}
