// Package store keeps accounts, passkeys, one-time tickets and the tenant log in SQLite.
//
// It owns the schema, its migrations and every SQL statement. It must never know
// HTTP, WebAuthn or policy: rows come in and go out as plain values, and rules that
// need the database to hold (an email or a credential belongs to one account) show
// as this package's errors.
//
// Calls take no context: they are local and short, and an in-memory database lives
// only as long as its one connection, which a cancelled call could cost.
package store

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors that callers tell apart.
var (
	ErrNotFound        = errors.New("store: no such row")
	ErrEmailTaken      = errors.New("store: the email belongs to another account")
	ErrCredentialTaken = errors.New("store: the credential is already registered")
	ErrTooManyPasskeys = errors.New("store: the account has the maximum number of passkeys")
	ErrStaleCounter    = errors.New("store: the stored signature counter has moved past this one")
)

// Store is one open database. Its methods may be called concurrently.
type Store struct {
	db       *sql.DB
	prepared [queryCount]*sql.Stmt

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever the log has grown
}

// Open opens the database file at path, creating or migrating it as needed; an
// empty path means a database in memory. A file that is damaged, foreign or of a
// newer version is refused and left as it was.
func Open(path string) (*Store, error) {
	db, err := openChecked(path)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, changed: make(chan struct{})}
	for q, text := range queries {
		if s.prepared[q], err = db.Prepare(text); err != nil {
			return nil, errors.Join(fmt.Errorf("store: prepare statement %d: %w", q, err), s.Close())
		}
	}
	return s, nil
}

// Close writes everything out and releases the file.
func (s *Store) Close() error { return s.db.Close() }

// Tx is one transaction of [Store.Update].
type Tx struct {
	store  *Store
	tx     *sql.Tx
	logged bool
}

// Update runs change in a transaction: all of it is durable when Update returns
// nil, none of it otherwise.
func (s *Store) Update(change func(*Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	t := &Tx{store: s, tx: tx}
	if err := change(t); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	if t.logged {
		s.announce()
	}
	return nil
}

// exec runs a statement and says how many rows it changed.
func (t *Tx) exec(q query, args ...any) (int64, error) {
	result, err := t.tx.Stmt(t.store.prepared[q]).Exec(args...)
	if err != nil {
		return 0, fmt.Errorf("store: statement %d: %w", q, err)
	}
	return result.RowsAffected()
}

// execOne runs a statement that must change exactly one row.
func (t *Tx) execOne(q query, args ...any) error {
	switch n, err := t.exec(q, args...); {
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	}
	return nil
}

// violates reports whether err is a broken UNIQUE or PRIMARY KEY constraint.
func violates(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) &&
		(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// notFound turns database/sql's word for "no row" into ours.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// scanner is what *sql.Row and *sql.Rows have in common.
type scanner interface{ Scan(dest ...any) error }

// collect reads all rows of a prepared query.
func collect[T any](s *Store, q query, scan func(scanner) (T, error), args ...any) ([]T, error) {
	rows, err := s.prepared[q].Query(args...)
	if err != nil {
		return nil, fmt.Errorf("store: statement %d: %w", q, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("store: read row of statement %d: %w", q, err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
