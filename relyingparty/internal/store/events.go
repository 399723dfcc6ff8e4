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

// InsertEvent appends a line to the tenant log.
func (t *Tx) InsertEvent(e Event) error {
	t.logged = true
	_, err := t.exec(insertEvent, e.At.UnixMilli(), e.Type, e.Description, e.UserID, e.UserName, e.IP, e.UserAgent,
		e.Connection, e.ClientID, e.ClientName, string(e.Details), e.Hostname)
	return err
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

// AwaitEvents is FindEvents, but waits until there is a line to return.
func (s *Store) AwaitEvents(ctx context.Context, q EventQuery) ([]Event, error) {
	return s.await(ctx, func() ([]Event, error) { return s.FindEvents(q) })
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
