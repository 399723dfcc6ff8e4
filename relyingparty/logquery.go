package relyingparty

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// maxLogQuery bounds a query, in bytes, and maxLogTerms its terms.
const (
	maxLogQuery = 1024
	maxLogTerms = 16
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

// parseLogQuery reads the part of the query language that the site knows: terms
// field:value joined by AND. A value with a space or a colon stands in double quotes;
// one that ends in * is how the field starts. log_id is a field too, and date is one of
// ranges.
func parseLogQuery(text string) (q store.EventQuery, err error) {
	if len(text) > maxLogQuery {
		return q, fmt.Errorf("the query is longer than %d bytes", maxLogQuery)
	}
	rest := strings.TrimSpace(text)
	if rest == "" {
		return q, nil
	}
	for terms := 1; ; terms++ {
		if terms > maxLogTerms {
			return q, fmt.Errorf("the query has more than %d terms", maxLogTerms)
		}
		if rest, err = addTerm(&q, rest); err != nil {
			return q, err
		}
		if rest == "" {
			return q, nil
		}
		after, joined := strings.CutPrefix(rest, "AND ")
		if !joined {
			return q, fmt.Errorf("terms are joined by AND, not by %q", firstWord(rest))
		}
		rest = strings.TrimLeft(after, " ")
	}
}

// addTerm reads one term and returns what is behind it.
func addTerm(q *store.EventQuery, text string) (rest string, err error) {
	field, after, found := strings.Cut(text, ":")
	if !found {
		return "", fmt.Errorf("%q is no term; give terms as field:value", firstWord(text))
	}
	if field == "date" {
		return addDates(q, after)
	}
	value, prefix, rest, err := readValue(after)
	if err != nil {
		return "", err
	}
	if field == "log_id" {
		if q.Is, err = strconv.ParseInt(value, 10, 64); err != nil || q.Is < 1 || prefix {
			return "", errors.New("log_id must be a number")
		}
		return rest, nil
	}
	column, known := logFields[field]
	if !known {
		return "", fmt.Errorf("field %q is not known", printable.Line(field))
	}
	q.Match = append(q.Match, store.Match{Column: column, Value: value, Prefix: prefix})
	return rest, nil
}

// addDates reads [FROM TO TO], from a moment up to another one, which does not belong to
// it; * stands for any.
func addDates(q *store.EventQuery, text string) (rest string, err error) {
	text, opened := strings.CutPrefix(text, "[")
	text, rest, closed := strings.Cut(text, "]")
	from, to, two := strings.Cut(text, " TO ")
	if !opened || !closed || !two {
		return "", errors.New("give dates as date:[2030-01-01 TO 2030-02-01]")
	}
	if q.From, err = readDate(from); err != nil {
		return "", err
	}
	if q.To, err = readDate(to); err != nil {
		return "", err
	}
	return strings.TrimLeft(rest, " "), nil
}

// readDate reads a day or a moment (RFC 3339); zero for any.
func readDate(text string) (time.Time, error) {
	if text == "*" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date; give it as 2030-01-31 or 2030-01-31T12:00:00Z", printable.Line(text))
}

// readValue reads a value, bare or in quotes; a backslash in quotes keeps the next
// character.
func readValue(text string) (value string, prefix bool, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, " ")
		value, prefix = strings.CutSuffix(value, "*")
		if value == "" || strings.ContainsAny(value, `:"*?()[]{}`) {
			return "", false, "", fmt.Errorf("value %q: put it in double quotes", printable.Line(value))
		}
		return value, prefix, strings.TrimLeft(rest, " "), nil
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), false, strings.TrimLeft(text[i+1:], " "), nil
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", false, "", errors.New("a quotation has no end")
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return printable.Line(word)
}
