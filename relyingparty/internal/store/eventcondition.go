package store

import (
	"strings"
	"time"
)

// Condition is what a line of the tenant log may fit: one of the types of this file.
type Condition interface {
	// sql is the condition in brackets, and the values that it binds.
	sql(*dialect) (text string, args []any)
}

// EventColumn is a column of the tenant log that can be asked for.
type EventColumn string

// The columns.
const (
	ByType        EventColumn = "type"
	ByDescription EventColumn = "description"
	ByUserID      EventColumn = "user_id"
	ByUserName    EventColumn = "user_name"
	ByIP          EventColumn = "ip"
	ByUserAgent   EventColumn = "user_agent"
	ByConnection  EventColumn = "connection"
	ByClientID    EventColumn = "client_id"
	ByClientName  EventColumn = "client_name"
	ByHostname    EventColumn = "hostname"
)

// Match is fitted by a value of a column. Letters are compared without regard to case, as
// far as ASCII has them.
type Match struct {
	Column EventColumn
	Value  string
	Wild   bool // a * in Value stands for any text
}

func (m Match) sql(d *dialect) (string, []any) {
	column := d.folded(string(m.Column))
	if !m.Wild {
		return "(" + column + " = " + d.folded("?") + ")", []any{m.Value}
	}
	pattern := strings.ReplaceAll(escapeLike(m.Value), "*", "%")
	return "(" + column + " LIKE " + d.folded("?") + ` ESCAPE '\')`, []any{pattern}
}

// Mentions is fitted by a text in the description, the user's name or the details.
type Mentions string

func (m Mentions) sql(d *dialect) (string, []any) {
	return "(" + d.folded(`description || ' ' || user_name || ' ' || details`) + " LIKE " + d.folded("?") + ` ESCAPE '\')`,
		[]any{"%" + escapeLike(string(m)) + "%"}
}

// Numbered is fitted by the line with a sequence number.
type Numbered int64

func (n Numbered) sql(*dialect) (string, []any) { return "(seq = ?)", []any{int64(n)} }

// During is fitted by lines not before From, and before To; zero for any time.
type During struct{ From, To time.Time }

func (t During) sql(*dialect) (string, []any) {
	from, to := int64(0), int64(1)<<62
	if !t.From.IsZero() {
		from = t.From.UnixMilli()
	}
	if !t.To.IsZero() {
		to = t.To.UnixMilli()
	}
	return "(at >= ? AND at < ?)", []any{from, to}
}

// All is fitted by what fits each of some conditions, Any by what fits one of them.
type (
	All []Condition
	Any []Condition
)

func (c All) sql(d *dialect) (string, []any) { return joined(c, d, " AND ", "(1 = 1)") }
func (c Any) sql(d *dialect) (string, []any) { return joined(c, d, " OR ", "(1 = 0)") }

// joined writes conditions with a word between them; none are what is said for none.
func joined(all []Condition, d *dialect, word, none string) (string, []any) {
	if len(all) == 0 {
		return none, nil
	}
	var args []any
	texts := make([]string, len(all))
	for i, c := range all {
		text, more := c.sql(d)
		texts[i], args = text, append(args, more...)
	}
	return "(" + strings.Join(texts, word) + ")", args
}

// Not is fitted by what does not fit a condition. No column is ever NULL.
type Not struct{ Condition }

func (n Not) sql(d *dialect) (string, []any) {
	text, args := n.Condition.sql(d)
	return "(NOT " + text + ")", args
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
