package store

import (
	"context"
	"time"
)

// Event is one line of the tenant log.
type Event struct {
	Seq         int64 // assigned on insertion, ascending
	At          time.Time
	Type        string
	Description string
	UserID      string
	UserName    string
	IP          string
	UserAgent   string
	Connection  string
	ClientID    string
	ClientName  string
	Details     []byte // JSON object
	Hostname    string // that was asked; "" in lines of old databases
}

// InsertEvent appends a line to the tenant log, and now and then deletes some that are too
// old ([Store.KeepEvents]).
func (t *Tx) InsertEvent(e Event) error {
	t.logged = true
	if _, err := t.exec(insertEvent, e.At.UnixMilli(), e.Type, e.Description, e.UserID, e.UserName, e.IP, e.UserAgent,
		e.Connection, e.ClientID, e.ClientName, string(e.Details), e.Hostname); err != nil {
		return err
	}
	if t.store.keep <= 0 || t.store.inserted.Add(1)%eventsBetweenSweeps != 0 {
		return nil
	}
	_, err := t.sweepEvents(e.At.Add(-t.store.keep))
	return err
}

// Lines that are too old go when new ones come, and more of them than come.
const (
	eventsBetweenSweeps = 16
	eventsSwept         = 4 * eventsBetweenSweeps
)

// KeepEvents bounds how long lines of the tenant log are kept; 0 or less is for ever. It
// deletes those that are too old at a moment; from then on they go as others come. Call it
// before the store is used by several.
func (s *Store) KeepEvents(keep time.Duration, now time.Time) error {
	s.keep = keep
	for more := keep > 0; more; {
		if err := s.Update(func(tx *Tx) error {
			swept, err := tx.sweepEvents(now.Add(-keep))
			more = swept == eventsSwept
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// sweepEvents deletes those of the oldest lines that are from before a moment, and says how
// many these were.
func (t *Tx) sweepEvents(before time.Time) (swept int64, err error) {
	return t.exec(deleteOldEvents, eventsSwept, before.UnixMilli())
}

// EventsAfter lists the lines with a sequence number above seq, oldest first.
func (s *Store) EventsAfter(seq int64) ([]Event, error) {
	return collect(s, selectEvents, scanEvent, seq)
}

// LatestEvents lists the newest limit lines, newest first.
func (s *Store) LatestEvents(limit int) ([]Event, error) {
	return collect(s, selectLatestEvents, scanEvent, limit)
}

// WaitEvents is EventsAfter, but waits until there is a line to return.
func (s *Store) WaitEvents(ctx context.Context, seq int64) ([]Event, error) {
	return s.await(ctx, func() ([]Event, error) { return s.EventsAfter(seq) })
}

// AwaitEvents is FindEvents, but waits until there is a line to return. It moves q.After on
// past lines that do not fit, so that none is looked at twice.
func (s *Store) AwaitEvents(ctx context.Context, q *EventQuery) ([]Event, error) {
	return s.await(ctx, func() ([]Event, error) {
		// Lines come in the order of their numbers: up to this one all are there to be found.
		newest, err := s.LatestEvents(1)
		if err != nil || len(newest) == 0 || newest[0].Seq <= q.After {
			return nil, err
		}
		found, err := s.FindEvents(*q)
		if err == nil && len(found) == 0 {
			q.After = newest[0].Seq
		}
		return found, err
	})
}

// lookInterval is how often whoever waits looks for what other processes have written.
const lookInterval = 250 * time.Millisecond

// await looks whenever the log has grown, until it finds something. That another
// process has written is noticed a moment later.
func (s *Store) await(ctx context.Context, look func() ([]Event, error)) ([]Event, error) {
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		events, err := look()
		if err != nil || len(events) > 0 {
			return events, err
		}
		select {
		case <-changed:
		case <-ticker.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// announce wakes everyone who waits for a new line.
func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

func scanEvent(row scanner) (Event, error) {
	var (
		e       Event
		at      int64
		details string
	)
	if err := row.Scan(&e.Seq, &at, &e.Type, &e.Description, &e.UserID, &e.UserName, &e.IP, &e.UserAgent,
		&e.Connection, &e.ClientID, &e.ClientName, &details, &e.Hostname); err != nil {
		return Event{}, err
	}
	e.At, e.Details = fromMillis(at), []byte(details)
	return e, nil
}
