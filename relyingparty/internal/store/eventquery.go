package store

import (
	"fmt"
	"math"
)

// EventQuery says which lines are wanted. The zero value wants all.
type EventQuery struct {
	Fits       Condition // nil for any line
	After      int64     // the sequence number is above
	OldestLast bool
	Skip, Most int // Most 0 means no bound
}

// where turns the conditions into SQL. Only values of the caller's are bound; what is
// written into the text are this package's own names.
func (q EventQuery) where(d *dialect) (string, []any) {
	args := []any{q.After}
	if q.Fits == nil {
		return " WHERE seq > ?", args
	}
	fits, more := q.Fits.sql(d)
	return " WHERE seq > ? AND " + fits, append(args, more...)
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
