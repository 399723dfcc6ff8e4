// Package store keeps accounts, passkeys, second factors, one-time tickets, settings and the tenant log
// in SQLite or PostgreSQL.
//
// It owns the schema, its migrations and every SQL statement, all written once;
// sqlite.go and postgres.go hold what the two databases do not have in common. It must
// never know HTTP, WebAuthn or policy: rows come in and go out as plain values, and
// rules that need the database to hold (an email or a credential belongs to one
// account) show as this package's errors.
//
// Calls take no context: they are short, and an in-memory database lives only as long
// as its one connection, which a cancelled call could cost. PostgreSQL ends statements
// that take too long.
package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Errors that callers tell apart.
var (
	ErrNotFound        = errors.New("store: no such row")
	ErrEmailTaken      = errors.New("store: the email or another identifier belongs to another account")
	ErrCredentialTaken = errors.New("store: the credential is already registered")
	ErrTooManyPasskeys = errors.New("store: the account has the maximum number of passkeys")
	ErrStaleCounter    = errors.New("store: the stored signature counter has moved past this one")
)

// Store is one open database. Its methods may be called concurrently.
type Store struct {
	dialect *dialect
	sealer  *Sealer // nil for none
	reader  connection
	writer  connection // the same where a database cannot be read while it is written

	waiting atomic.Int32 // updates that wait for their turn
	turn    sync.Mutex   // held by the update that runs
	batch   *batch       // the transaction that runs; nil for none. Guarded by turn

	keep     time.Duration // how long lines of the log are; 0 or less for ever
	inserted atomic.Int64  // lines, since the store was opened

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever the log has grown
}

// connection is a pool of connections with every statement prepared.
type connection struct {
	db       *sql.DB
	prepared [queryCount]*sql.Stmt
}

// Open opens the database at where, creating or migrating it as needed: the URL of a
// PostgreSQL database, "postgres://…", or the path of a SQLite file; empty means a
// SQLite database in memory. One that is damaged, foreign or of a newer version is
// refused and left as it was.
//
// With a sealer, secrets that have to be read again are encrypted, those too that are
// there. From then on the database opens with the same key alone (ErrDataKey).
func Open(where string, sealer *Sealer) (*Store, error) {
	open := openSQLite
	if scheme, _, isURL := strings.Cut(where, "://"); isURL {
		if scheme != "postgres" && scheme != "postgresql" {
			return nil, fmt.Errorf("store: no database is known at addresses that begin with %s://; give postgres://…, or the path of a file", scheme)
		}
		open = openPostgres
	}
	s, err := open(where)
	if err != nil {
		return nil, err
	}
	s.changed, s.sealer = make(chan struct{}), sealer
	sealed, err := s.unlock()
	if err == nil && sealed {
		err = s.dialect.forget(s.writer.db)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare prepares every statement. One that cannot be means that a table is not what
// the schema's version says.
func (c *connection) prepare(d *dialect) (err error) {
	for q, text := range queries {
		if c.prepared[q], err = c.db.Prepare(d.translate(text)); err != nil {
			return fmt.Errorf("prepare statement %d: %w", q, err)
		}
	}
	return nil
}

// Close writes everything out and releases the database.
func (s *Store) Close() error {
	if s.reader.db == s.writer.db {
		return s.writer.db.Close()
	}
	return errors.Join(s.reader.db.Close(), s.writer.db.Close())
}

// row runs a prepared query for at most one row.
func (s *Store) row(q query, args ...any) *sql.Row { return s.reader.prepared[q].QueryRow(args...) }

// notFound turns database/sql's word for "no row" into ours. Text that a database
// cannot hold is in no row either.
func (s *Store) notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) || s.dialect.unspeakable(err) {
		return ErrNotFound
	}
	return err
}

// isNoRow reports a query that has found nothing.
func isNoRow(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// scanner is what *sql.Row and *sql.Rows have in common.
type scanner interface{ Scan(dest ...any) error }

// collect reads all rows of a prepared query.
func collect[T any](s *Store, q query, scan func(scanner) (T, error), args ...any) ([]T, error) {
	return rowsOf(s, scan)(s.reader.prepared[q].Query(args...))
}

// rowsOf makes a function that reads what a query has found and closes it. Text that
// the database cannot hold is found in no row.
func rowsOf[T any](s *Store, scan func(scanner) (T, error)) func(*sql.Rows, error) ([]T, error) {
	return func(rows *sql.Rows, err error) (out []T, _ error) {
		if err == nil {
			defer rows.Close()
			for rows.Next() {
				v, err := scan(rows)
				if err != nil {
					return nil, fmt.Errorf("store: read a row: %w", err)
				}
				out = append(out, v)
			}
			err = rows.Err()
		}
		if err != nil && !s.dialect.unspeakable(err) {
			return nil, fmt.Errorf("store: find rows: %w", err)
		}
		return out, nil
	}
}

// flag is how a truth is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
