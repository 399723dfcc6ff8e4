package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// A commit waits for the disk, and a database has one writer at a time. So that many
// logins a second need not wait for as many writes of the disk, updates that have come
// while another one runs share its transaction: each has a savepoint of its own, the
// last in the line commits, and all of them return when that is done.

// mostInBatch bounds how many updates wait for one commit.
const mostInBatch = 64

// batch is a transaction that updates share.
type batch struct {
	tx     *sql.Tx
	size   int
	logged bool
	done   chan struct{} // closed when it has ended
	err    error         // how it ended; to be read once it has
}

// errAbandoned is the end of a batch in which an update neither returned.
var errAbandoned = errors.New("store: an update in the same transaction was abandoned")

// Tx is one update's part of a transaction, see [Store.Update].
type Tx struct {
	store  *Store
	tx     *sql.Tx
	logged bool
}

// Update runs change as a transaction: all of it is durable when Update returns nil,
// none of it otherwise. Updates run one after the other, also those of other processes
// on the same database. change must not call methods of the store.
func (s *Store) Update(change func(*Tx) error) error {
	s.waiting.Add(1)
	s.turn.Lock()
	s.waiting.Add(-1)
	b, err := s.join(change)
	if err != nil {
		return err
	}
	<-b.done
	if b.err != nil {
		return fmt.Errorf("store: commit: %w", b.err)
	}
	return nil
}

// join runs change in the open batch, or in a new one, and ends the batch unless
// somebody is there to go on with it. It gives the turn away.
func (s *Store) join(change func(*Tx) error) (b *batch, err error) {
	defer s.turn.Unlock()
	if s.batch == nil {
		if s.batch, err = s.begin(); err != nil {
			return nil, err
		}
	}
	b = s.batch
	returned := false
	defer func() {
		switch {
		case !returned: // change has panicked or ended its goroutine
			s.end(errors.Join(errAbandoned, b.tx.Rollback()))
		case s.batch == b && (s.waiting.Load() == 0 || b.size >= mostInBatch):
			s.end(b.tx.Commit())
		}
	}()
	err = s.run(b, change)
	returned = true
	return b, err
}

func (s *Store) begin() (*batch, error) {
	tx, err := s.writer.db.Begin()
	if err != nil {
		return nil, fmt.Errorf("store: begin: %w", err)
	}
	if err := s.dialect.lock(tx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: begin: %w", err), tx.Rollback())
	}
	return &batch{tx: tx, done: make(chan struct{})}, nil
}

// end publishes how the batch ended.
func (s *Store) end(err error) {
	b := s.batch
	s.batch, b.err = nil, err
	if err == nil && b.logged {
		s.announce()
	}
	close(b.done)
}

// run makes a change in a savepoint. What cannot be undone alone takes the whole batch
// with it.
func (s *Store) run(b *batch, change func(*Tx) error) error {
	if _, err := b.tx.Exec("SAVEPOINT one"); err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	b.size++
	t := &Tx{store: s, tx: b.tx}
	if err := change(t); err != nil {
		if _, undo := b.tx.Exec("ROLLBACK TO SAVEPOINT one"); undo != nil {
			s.end(errors.Join(undo, b.tx.Rollback()))
		}
		return err
	}
	b.logged = b.logged || t.logged
	if _, err := b.tx.Exec("RELEASE SAVEPOINT one"); err != nil {
		err = fmt.Errorf("store: end of an update: %w", err)
		s.end(errors.Join(err, b.tx.Rollback()))
		return err
	}
	return nil
}

// row runs a prepared query of a transaction for at most one row.
func (t *Tx) row(q query, args ...any) *sql.Row {
	return t.tx.Stmt(t.store.writer.prepared[q]).QueryRow(args...)
}

// exec runs a statement and says how many rows it changed.
func (t *Tx) exec(q query, args ...any) (int64, error) {
	result, err := t.tx.Stmt(t.store.writer.prepared[q]).Exec(args...)
	if err != nil {
		return 0, fmt.Errorf("store: statement %d: %w", q, err)
	}
	return result.RowsAffected()
}

// execOne runs a statement that must change exactly one row.
func (t *Tx) execOne(q query, args ...any) error {
	switch n, err := t.exec(q, args...); {
	case t.store.dialect.unspeakable(err):
		return errors.Join(ErrNotFound, err)
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	}
	return nil
}
