package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// migrations lead from each schema version to the next, and the database counts how
// many were applied. Entries are never edited once released, only appended. They are
// written for SQLite and translated for PostgreSQL, which gives every table a column
// rowid as SQLite has it. Times are milliseconds since the Unix epoch, truths 0 and 1.
var migrations = [...]string{`
CREATE TABLE users (
	id            TEXT PRIMARY KEY,
	handle        BLOB NOT NULL UNIQUE,
	email         TEXT NOT NULL,
	email_key     TEXT NOT NULL UNIQUE,
	password      TEXT NOT NULL DEFAULT '',
	created_at    INTEGER NOT NULL,
	logins        INTEGER NOT NULL DEFAULT 0,
	progressive_snoozed_at INTEGER NOT NULL DEFAULT 0,
	progressive_never      INTEGER NOT NULL DEFAULT 0,
	local_snoozed_at       INTEGER NOT NULL DEFAULT 0,
	local_never            INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE passkeys (
	id              TEXT PRIMARY KEY,
	user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	credential_id   BLOB NOT NULL UNIQUE,
	public_key      BLOB NOT NULL,
	sign_count      INTEGER NOT NULL,
	backup_eligible INTEGER NOT NULL,
	backed_up       INTEGER NOT NULL,
	user_verified   INTEGER NOT NULL,
	aaguid          BLOB NOT NULL,
	attachment      TEXT NOT NULL,
	transports      TEXT NOT NULL,
	attestation     TEXT NOT NULL,
	rp_id           TEXT NOT NULL,
	name            TEXT NOT NULL,
	user_agent      TEXT NOT NULL,
	created_at      INTEGER NOT NULL,
	last_used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at);

CREATE TABLE tickets (
	hash       BLOB PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	expires_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE events (
	seq         INTEGER PRIMARY KEY AUTOINCREMENT,
	at          INTEGER NOT NULL,
	type        TEXT NOT NULL,
	description TEXT NOT NULL,
	user_id     TEXT NOT NULL,
	user_name   TEXT NOT NULL,
	ip          TEXT NOT NULL,
	user_agent  TEXT NOT NULL,
	connection  TEXT NOT NULL,
	client_name TEXT NOT NULL,
	details     TEXT NOT NULL
) STRICT;
`, `
ALTER TABLE users ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';
ALTER TABLE events ADD COLUMN client_id TEXT NOT NULL DEFAULT '';

CREATE TABLE signing_keys (
	pkcs8      BLOB NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE refresh_tokens (
	hash             BLOB PRIMARY KEY,
	family           TEXT NOT NULL,
	user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	client_id        TEXT NOT NULL,
	scope            TEXT NOT NULL,
	audience         TEXT NOT NULL,
	authenticated_at INTEGER NOT NULL,
	expires_at       INTEGER NOT NULL,
	used_at          INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
`, `
CREATE TABLE settings (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;
`, `
ALTER TABLE users ADD COLUMN sessions_ended_at INTEGER NOT NULL DEFAULT 0;
`, `
CREATE TABLE backup_changes (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	passkey_id TEXT NOT NULL REFERENCES passkeys (id) ON DELETE CASCADE,
	at         INTEGER NOT NULL,
	backed_up  INTEGER NOT NULL
) STRICT;
CREATE INDEX backup_changes_by_passkey ON backup_changes (passkey_id, seq);
`, `
CREATE TABLE identifiers (
	kind    TEXT NOT NULL,
	key     TEXT NOT NULL,
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (kind, key)
) STRICT;
`, `
ALTER TABLE events ADD COLUMN hostname TEXT NOT NULL DEFAULT '';
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);
`, `
CREATE TABLE authenticators (
	id           TEXT PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	type         TEXT NOT NULL,
	secret       BLOB NOT NULL,
	address      TEXT NOT NULL,
	used_step    INTEGER NOT NULL DEFAULT 0,
	created_at   INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX authenticators_by_user ON authenticators (user_id, created_at);
`, `
ALTER TABLE authenticators ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE data_keys (
	proof BLOB NOT NULL
) STRICT;
`, `
ALTER TABLE authenticators ADD COLUMN name TEXT NOT NULL DEFAULT '';
`}

// damaged is why a database is refused whose tables are not what they should be.
func damaged(shown string, err error) error {
	return fmt.Errorf("store: %s is damaged (%w); restore it from a copy, or name another one to start afresh", shown, err)
}

// checkVersion refuses a database that a newer program has made.
func (s *Store) checkVersion(shown string) error {
	version, err := s.dialect.version(s.writer.db)
	switch {
	case err != nil:
		return damaged(shown, err)
	case version > len(migrations):
		return fmt.Errorf("store: %s has schema version %d, this program knows up to %d; use a newer program", shown, version, len(migrations))
	}
	return nil
}

// migrate applies what is missing in one transaction, so that a killed process leaves
// a whole version behind, and of two that start at the same time one waits.
func (s *Store) migrate(shown string) error {
	tx, err := s.writer.db.Begin()
	if err != nil {
		return fmt.Errorf("store: %s: %w", shown, err)
	}
	if err := s.migrateIn(tx); err != nil {
		return errors.Join(fmt.Errorf("store: %s: migrate: %w", shown, err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: %s: migrate: %w", shown, err)
	}
	return nil
}

func (s *Store) migrateIn(tx *sql.Tx) error {
	if err := s.dialect.lock(tx); err != nil {
		return err
	}
	version, err := s.dialect.version(tx)
	if err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		if _, err := tx.Exec(s.dialect.translate(migrations[version])); err != nil {
			return fmt.Errorf("from schema version %d: %w", version, err)
		}
		if err := s.dialect.setVersion(tx, version+1); err != nil {
			return fmt.Errorf("from schema version %d: %w", version, err)
		}
	}
	return nil
}
