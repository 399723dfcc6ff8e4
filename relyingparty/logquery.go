package relyingparty

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The query of the log is the subset of Lucene's language that the product documents:
//
//	either = both *( "OR" both )
//	both   = one *( "AND" one )
//	one    = "NOT" one / "(" either ")" / [ field ":" ] ( "(" either ")" / value / range )
//
// What a value and a range are is in logvalue.go. Words between terms have to be there:
// the documentation does not say what two terms mean that have none.

// What bounds a query: its bytes, its terms, and how deep it nests.
const (
	maxLogQuery = 1024
	maxLogTerms = 16
	maxLogDepth = 16
)

// logFields are what a query may ask for, by the names that lines have them under.
var logFields = map[string]store.EventColumn{
	"type":        store.ByType,
	"description": store.ByDescription,
	"user_id":     store.ByUserID,
	"user_name":   store.ByUserName,
	"ip":          store.ByIP,
	"user_agent":  store.ByUserAgent,
	"connection":  store.ByConnection,
	"client_id":   store.ByClientID,
	"client_name": store.ByClientName,
	"hostname":    store.ByHostname,
}

// Fields that are no text.
const (
	fieldLogID = "log_id"
	fieldDate  = "date"
)

// bareColumns are where a term is looked for that names no field; so is log_id.
var bareColumns = []store.EventColumn{
	store.ByClientName, store.ByConnection, store.ByDescription, store.ByIP, store.ByType, store.ByUserName,
}

// parseLogQuery reads a query; nil is for any line.
func parseLogQuery(text string) (store.Condition, error) {
	if len(text) > maxLogQuery {
		return nil, fmt.Errorf("the query is longer than %d bytes", maxLogQuery)
	}
	p := &logParser{rest: strings.TrimSpace(text)}
	if p.rest == "" {
		return nil, nil
	}
	fits, err := p.either("")
	switch {
	case err != nil:
		return nil, err
	case strings.HasPrefix(p.rest, ")"):
		return nil, errors.New("a closing bracket has no opening one")
	case p.rest != "":
		return nil, fmt.Errorf("terms are joined by AND or OR, not by %q", firstWord(p.rest))
	}
	return fits, nil
}

// logParser is where the reading of a query is.
type logParser struct {
	rest         string // without space before it
	terms, depth int
}

// skip goes past what was read, and the space behind it.
func (p *logParser) skip(n int) { p.rest = strings.TrimLeft(p.rest[n:], " ") }

// word reads an operator, if it comes next.
func (p *logParser) word(operator string) bool {
	behind, is := strings.CutPrefix(p.rest, operator)
	if is = is && (behind == "" || behind[0] == ' ' || behind[0] == '('); is {
		p.skip(len(operator))
	}
	return is
}

// either reads what one of has to hold. field is what terms are about that name none.
func (p *logParser) either(field string) (store.Condition, error) {
	var one store.Any
	for {
		next, err := p.both(field)
		if one = append(one, next); err != nil {
			return nil, err
		}
		if p.word("OR") {
			continue
		}
		if len(one) == 1 {
			return one[0], nil
		}
		return one, nil
	}
}

// both reads what all of has to hold.
func (p *logParser) both(field string) (store.Condition, error) {
	var all store.All
	for {
		next, err := p.one(field)
		if all = append(all, next); err != nil {
			return nil, err
		}
		if p.word("AND") {
			continue
		}
		if len(all) == 1 {
			return all[0], nil
		}
		return all, nil
	}
}

// one reads a term, or what stands in its place.
func (p *logParser) one(field string) (store.Condition, error) {
	if p.depth++; p.depth > maxLogDepth {
		return nil, fmt.Errorf("the query is more than %d deep", maxLogDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.word("NOT"):
		next, err := p.one(field)
		return store.Not{Condition: next}, err
	case strings.HasPrefix(p.rest, "("):
		return p.group(field)
	}
	return p.term(field)
}

// group reads what is in brackets.
func (p *logParser) group(field string) (store.Condition, error) {
	p.skip(1)
	fits, err := p.either(field)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.rest, ")") {
		if p.rest != "" {
			return nil, fmt.Errorf("terms are joined by AND or OR, not by %q", firstWord(p.rest))
		}
		return nil, errors.New("an opening bracket has no closing one")
	}
	p.skip(1)
	return fits, nil
}

// term reads what one field has to be; within the brackets of a field, that one.
func (p *logParser) term(field string) (store.Condition, error) {
	if p.terms++; p.terms > maxLogTerms {
		return nil, fmt.Errorf("the query has more than %d terms", maxLogTerms)
	}
	if end := strings.IndexAny(p.rest, `: "()[]{}`); end > 0 && p.rest[end] == ':' {
		if field != "" {
			return nil, fmt.Errorf("%q names a field within the brackets of another", firstWord(p.rest))
		}
		if field = p.rest[:end]; field != fieldLogID && field != fieldDate && logFields[field] == "" {
			return nil, fmt.Errorf("field %q is not known", printable.Line(field))
		}
		p.rest = p.rest[end+1:]
		if strings.HasPrefix(p.rest, "(") {
			return p.group(field)
		}
	}
	if strings.HasPrefix(p.rest, "[") || strings.HasPrefix(p.rest, "{") {
		return p.between(field)
	}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	switch field {
	case "":
		return value.anywhere(), nil
	case fieldLogID:
		return value.number()
	case fieldDate:
		span, err := readSpan(value.text)
		return store.During{From: span.from, To: span.to}, err
	}
	return value.in(logFields[field]), nil
}

// anywhere looks for a value that no field was named for.
func (v logValue) anywhere() store.Condition {
	var one store.Any
	for _, column := range bareColumns {
		one = append(one, v.in(column))
	}
	if n, err := v.number(); err == nil {
		one = append(one, n)
	}
	return one
}

func (v logValue) in(column store.EventColumn) store.Condition {
	return store.Match{Column: column, Value: v.text, Wild: v.wild}
}

func (v logValue) number() (store.Condition, error) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || n < 1 || v.wild {
		return nil, errors.New("log_id must be a number")
	}
	return store.Numbered(n), nil
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return printable.Line(word)
}
