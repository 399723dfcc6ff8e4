package store

import (
	"fmt"
	"math"
	"strings"
	"time"
)

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

// Match is a condition on a line. Letters are compared without regard to case, as far
// as ASCII has them.
type Match struct {
	Column EventColumn
	Value  string
	Prefix bool // Value is only how the column starts
}

// EventQuery says which lines are wanted. The zero value wants all.
type EventQuery struct {
	Match      []Match   // all hold
	Text       string    // is in the description, the user's name or the details; "" for anything
	After      int64     // the sequence number is above
	Is         int64     // the sequence number; 0 for any
	From, To   time.Time // not before From, and before To; zero for any time
	OldestLast bool
	Skip, Most int // Most 0 means no bound
}

// where turns the conditions into SQL. Only values of the caller's are bound; what is
// written into the text are this package's own names.
func (q EventQuery) where(d *dialect) (string, []any) {
	conditions, args := []string{"seq > ?"}, []any{q.After}
	for _, m := range q.Match {
		if m.Prefix {
			conditions = append(conditions, d.folded(string(m.Column))+" LIKE "+d.folded("?")+` ESCAPE '\'`)
			args = append(args, escapeLike(m.Value)+"%")
			continue
		}
		conditions = append(conditions, d.folded(string(m.Column))+" = "+d.folded("?"))
		args = append(args, m.Value)
	}
	if !q.From.IsZero() {
		conditions, args = append(conditions, "at >= ?"), append(args, q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		conditions, args = append(conditions, "at < ?"), append(args, q.To.UnixMilli())
	}
	if q.Is != 0 {
		conditions = append(conditions, "seq = ?")
		args = append(args, q.Is)
	}
	if q.Text != "" {
		conditions = append(conditions, d.folded(`description || ' ' || user_name || ' ' || details`)+" LIKE "+d.folded("?")+` ESCAPE '\'`)
		args = append(args, "%"+escapeLike(q.Text)+"%")
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// FindEvents lists lines of the tenant log.
func (s *Store) FindEvents(q EventQuery) ([]Event, error) {
	where, args := q.where(s.dialect)
	order := " ORDER BY seq"
	if q.OldestLast {
		order += " DESC"
	}
	most := math.MaxInt64
	if q.Most > 0 {
		most = q.Most
	}
	return rowsOf(s, scanEvent)(s.reader.db.Query(
		s.dialect.translate("SELECT "+eventColumns+" FROM events"+where+order+" LIMIT ? OFFSET ?"), append(args, most, q.Skip)...))
}

// CountEvents counts the lines that FindEvents would list without Skip and Most.
func (s *Store) CountEvents(q EventQuery) (n int, err error) {
	where, args := q.where(s.dialect)
	err = s.reader.db.QueryRow(s.dialect.translate("SELECT count(*) FROM events"+where), args...).Scan(&n)
	if err != nil && !s.dialect.unspeakable(err) {
		return 0, fmt.Errorf("store: count events: %w", err)
	}
	return n, nil
}
