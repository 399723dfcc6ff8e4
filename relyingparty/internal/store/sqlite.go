package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var inSQLite = &dialect{
	translate: func(s string) string { return s },
	folded:    func(expression string) string { return "lower(" + expression + ")" },
	lock:      func(*sql.Tx) error { return nil }, // BEGIN IMMEDIATE did
	version: func(q queryer) (n int, err error) {
		return n, q.QueryRow("PRAGMA user_version").Scan(&n)
	},
	setVersion: func(tx *sql.Tx, n int) error {
		_, err := tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, n))
		return err
	},
	// The file is written anew, and its log, which has the rows as they were, begins anew.
	forget: func(db *sql.DB) error {
		if _, err := db.Exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return fmt.Errorf("store: rewrite the database: %w", err)
		}
		return nil
	},
	violates: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) &&
			(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
	},
	unspeakable: func(error) bool { return false },
}

// applicationID marks our files ("pkla" in ASCII), so that another program's
// database is never migrated by mistake.
const applicationID = 0x706b6c61

// connectionSettings hold for every connection. FULL makes a commit durable
// against power loss, not only against a killed process.
const connectionSettings = "_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate"

// readers bounds how many connections read a file at a time.
const readers = 4

// openSQLite opens a file, or a database in memory, and proves that it is ours and
// intact before anything is written to it.
func openSQLite(path string) (*Store, error) {
	name, shown := ":memory:?"+connectionSettings, "the database in memory"
	if path != "" {
		if err := errors.Join(checkHeader(path), createOwn(path)); err != nil {
			return nil, err
		}
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("store: %s: %w", path, err)
		}
		name, shown = (&url.URL{Scheme: "file", Path: absolute, RawQuery: connectionSettings}).String(), path
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", shown, err)
	}
	// One connection: SQLite has one writer anyway, and a database in memory
	// belongs to its connection.
	db.SetMaxOpenConns(1)
	s := &Store{dialect: inSQLite, writer: connection{db: db}}
	if err := s.prepareFile(shown); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if s.reader, err = s.readerOf(path, name); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %s: %w", shown, err), db.Close())
	}
	return s, nil
}

// readerOf opens the connections that read a file. With write-ahead logging they see
// what is committed and wait for nobody; a database in memory is read by its writer.
func (s *Store) readerOf(path, name string) (connection, error) {
	if path == "" {
		return s.writer, nil
	}
	db, err := sql.Open("sqlite", name+"&_pragma=query_only(1)")
	if err != nil {
		return connection{}, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	c := connection{db: db}
	if err := c.prepare(s.dialect); err != nil {
		return connection{}, errors.Join(err, db.Close())
	}
	return c, nil
}

// checkHeader refuses a file that is no SQLite database at all. A missing or empty
// file is a database yet to be made.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer f.Close()
	header := make([]byte, 16)
	switch n, err := io.ReadFull(f, header); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("store: %w", err)
	case !bytes.Equal(header[:n], []byte("SQLite format 3\x00")):
		return fmt.Errorf("store: %s is not a SQLite database; name another file, or move this one away to start afresh", path)
	}
	return nil
}

// createOwn makes a missing file one that its owner alone can read; what SQLite lays beside
// it takes after it. A file that is there stays as its owner has it.
func createOwn(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return f.Close()
}

// prepareFile checks the database, then brings it to the current schema.
func (s *Store) prepareFile(shown string) error {
	db := s.writer.db
	var verdict string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("store: %s cannot be read as a database (%w); restore it from a copy, or name another one to start afresh", shown, err)
	}
	if verdict != "ok" {
		return damaged(shown, errors.New(verdict))
	}
	if err := checkOwner(db, shown); err != nil {
		return err
	}
	if err := s.checkVersion(shown); err != nil {
		return err
	}
	if _, err := db.Exec("PRAGMA journal_mode = WAL"); err != nil {
		return fmt.Errorf("store: %s: switch to write-ahead logging: %w", shown, err)
	}
	if err := s.migrate(shown); err != nil {
		return err
	}
	if err := s.writer.prepare(s.dialect); err != nil {
		return damaged(shown, err)
	}
	return nil
}

// checkOwner refuses a database that some other program made.
func checkOwner(db *sql.DB, shown string) error {
	var owner, tables int
	if err := db.QueryRow("PRAGMA application_id").Scan(&owner); err != nil {
		return fmt.Errorf("store: %s: %w", shown, err)
	}
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return fmt.Errorf("store: %s: %w", shown, err)
	}
	if owner != applicationID && tables > 0 {
		return fmt.Errorf("store: %s is a database of another program; name another file", shown)
	}
	return nil
}
