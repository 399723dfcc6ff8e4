package store

import (
	"fmt"
	"strings"
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
	Match      []Match // all hold
	Text       string  // is in the description, the user's name or the details; "" for anything
	After      int64   // the sequence number is above
	Is         int64   // the sequence number; 0 for any
	OldestLast bool
	Skip, Most int // Most 0 means no bound
}

// where turns the conditions into SQL. Only values of the caller's are bound; what is
// written into the text are this package's own names.
func (q EventQuery) where() (string, []any) {
	conditions, args := []string{"seq > ?"}, []any{q.After}
	for _, m := range q.Match {
		if m.Prefix {
			conditions = append(conditions, string(m.Column)+` LIKE ? ESCAPE '\'`)
			args = append(args, escapeLike(m.Value)+"%")
			continue
		}
		conditions = append(conditions, string(m.Column)+" = ? COLLATE NOCASE")
		args = append(args, m.Value)
	}
	if q.Is != 0 {
		conditions = append(conditions, "seq = ?")
		args = append(args, q.Is)
	}
	if q.Text != "" {
		conditions = append(conditions, `(description || ' ' || user_name || ' ' || details) LIKE ? ESCAPE '\'`)
		args = append(args, "%"+escapeLike(q.Text)+"%")
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// FindEvents lists lines of the tenant log.
func (s *Store) FindEvents(q EventQuery) ([]Event, error) {
	where, args := q.where()
	order := " ORDER BY seq"
	if q.OldestLast {
		order += " DESC"
	}
	most := -1
	if q.Most > 0 {
		most = q.Most
	}
	rows, err := s.db.Query("SELECT "+eventColumns+" FROM events"+where+order+" LIMIT ? OFFSET ?", append(args, most, q.Skip)...)
	if err != nil {
		return nil, fmt.Errorf("store: find events: %w", err)
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, fmt.Errorf("store: find events: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// CountEvents counts the lines that FindEvents would list without Skip and Most.
func (s *Store) CountEvents(q EventQuery) (n int, err error) {
	where, args := q.where()
	if err := s.db.QueryRow("SELECT count(*) FROM events"+where, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: count events: %w", err)
	}
	return n, nil
}
