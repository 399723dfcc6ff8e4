package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/privatepostgres"
)

// server starts the PostgreSQL of these tests when the first of them asks.
var server = sync.OnceValues(func() (*privatepostgres.Server, error) {
	return privatepostgres.Start(context.Background(), "fsync=off")
})

func TestMain(m *testing.M) {
	status := m.Run()
	if s, err := server(); err == nil {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(status)
}

// newPostgres makes an empty database.
func newPostgres(t *testing.T) string {
	t.Helper()
	s, err := server()
	if errors.Is(err, privatepostgres.ErrMissing) {
		t.Skip(err)
	}
	require.NoError(t, err)
	where, err := s.NewDatabase(t.Context())
	require.NoError(t, err)
	return where
}

// everywhere runs a test on an empty database of each kind.
func everywhere(t *testing.T, test func(t *testing.T, where string)) {
	t.Helper()
	for name, where := range map[string]func(*testing.T) string{
		"memory":   func(*testing.T) string { return "" },
		"file":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "a file #1?.db") },
		"postgres": newPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, where(t))
		})
	}
}

// inDatabase runs statements in a PostgreSQL database behind the store's back.
func inDatabase(t *testing.T, where string, statements ...string) {
	t.Helper()
	db, err := sql.Open("pgx", where)
	require.NoError(t, err)
	defer db.Close()
	for _, s := range statements {
		_, err = db.Exec(s)
		require.NoError(t, err)
	}
}

// dump is what a database holds, as far as a refusal could change it.
func dump(t *testing.T, where string) (all []string) {
	t.Helper()
	db, err := sql.Open("pgx", where)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.Query(`SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`)
	require.NoError(t, err)
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		all = append(all, line)
	}
	require.NoError(t, rows.Err())
	return all
}

func TestUnusableDatabasesAreRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ours       bool
		statements []string
		want       string
	}{
		"another program's":    {false, []string{"CREATE TABLE recipes (name TEXT)"}, "database of another program"},
		"another one's view":   {false, []string{"CREATE VIEW recipes AS SELECT 1 AS one"}, "database of another program"},
		"newer":                {true, []string{"UPDATE passkeylab_schema SET version = 99"}, "use a newer program"},
		"no version":           {true, []string{"DELETE FROM passkeylab_schema"}, "is damaged"},
		"two versions":         {true, []string{"INSERT INTO passkeylab_schema VALUES (1)"}, "is damaged"},
		"another version":      {true, []string{"DROP TABLE passkeylab_schema", "CREATE TABLE passkeylab_schema (release TEXT)"}, "is damaged"},
		"a table gone":         {true, []string{"DROP TABLE tickets"}, "is damaged"},
		"a column gone":        {true, []string{"ALTER TABLE passkeys DROP COLUMN aaguid"}, "is damaged"},
		"a column is not ours": {true, []string{"ALTER TABLE users ALTER COLUMN logins TYPE TEXT"}, "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			where := newPostgres(t)
			if test.ours {
				require.NoError(t, open(t, where).Close())
			}
			inDatabase(t, where, test.statements...)
			before := dump(t, where)
			_, err := Open(where, nil)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, before, dump(t, where))
		})
	}
}

func TestWhoCannotBeReached(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{
		"postgres://user:sesame@localhost:1/db":       "database db at localhost:1",
		"postgres://user:sesame@localhost:port/db":    "give it as postgres://",
		"postgres:///db?host=/none&password=sesame":   "database db at /none",
		"postgresql://user:sesame@localhost/db?x y=%": "give it as postgres://",
		"mysql://user:sesame@localhost/db":            "begin with mysql://",
	} {
		_, err := Open(where, nil)
		require.ErrorContains(t, err, want, where)
		assert.NotContains(t, err.Error(), "sesame", where)
	}
}

func TestASchemaOfItsOwn(t *testing.T) {
	t.Parallel()
	where := newPostgres(t)
	inDatabase(t, where, "CREATE TABLE recipes (name TEXT)", `CREATE SCHEMA "Lab 1"`)
	_, err := Open(where+"&search_path=none", nil)
	require.ErrorContains(t, err, "none of the schemas in search_path exists")
	for range 2 {
		s := open(t, where+"&search_path=%22Lab%201%22,public")
		_, err := s.Users()
		require.NoError(t, err)
	}
	inDatabase(t, where, `SELECT * FROM "Lab 1".users`)
}

func TestTextThatCannotBeStoredIsNowhere(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		for _, text := range []string{"a\x00b", "a\xffb"} {
			_, err := s.UserByID(text)
			require.ErrorIs(t, err, ErrNotFound)
			_, err = s.UserByEmail(text)
			require.ErrorIs(t, err, ErrNotFound)
			keys, err := s.Passkeys(text)
			require.NoError(t, err)
			assert.Empty(t, keys)
			events, err := s.FindEvents(EventQuery{Fits: All{Mentions(text), Match{ByType, text + "*", true}}})
			require.NoError(t, err)
			assert.Empty(t, events)
			n, err := s.CountEvents(EventQuery{Fits: Mentions(text)})
			require.NoError(t, err)
			assert.Zero(t, n)
			require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.DeletePasskey(text, "x") }), ErrNotFound)
			_, err = s.Setting(text)
			require.ErrorIs(t, err, ErrNotFound)
		}
	})
}
