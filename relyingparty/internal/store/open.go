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
)

// applicationID marks our files ("pkla" in ASCII), so that another program's
// database is never migrated by mistake.
const applicationID = 0x706b6c61

// connectionSettings hold for every connection. FULL makes a commit durable
// against power loss, not only against a killed process.
const connectionSettings = "_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate"

// openChecked opens path and proves that it is ours and intact before anything
// is written to it.
func openChecked(path string) (*sql.DB, error) {
	name := ":memory:?" + connectionSettings
	if path != "" {
		if err := checkHeader(path); err != nil {
			return nil, err
		}
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("store: %s: %w", path, err)
		}
		name = (&url.URL{Scheme: "file", Path: absolute, RawQuery: connectionSettings}).String()
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	// One connection: SQLite has one writer anyway, and a database in memory
	// belongs to its connection.
	db.SetMaxOpenConns(1)
	if err := prepareFile(db, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
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

// prepareFile checks the database, then brings it to the current schema.
func prepareFile(db *sql.DB, path string) error {
	shown := path
	if shown == "" {
		shown = "the database in memory"
	}
	var verdict string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("store: %s cannot be read as a database (%w); restore it from a copy, or move it away to start afresh", shown, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("store: %s is damaged (%s); restore it from a copy, or move it away to start afresh", shown, verdict)
	}
	if err := checkOwner(db, shown); err != nil {
		return err
	}
	if _, err := db.Exec("PRAGMA journal_mode = WAL"); err != nil {
		return fmt.Errorf("store: %s: switch to write-ahead logging: %w", shown, err)
	}
	return migrate(db, shown)
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
