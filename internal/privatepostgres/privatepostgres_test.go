package privatepostgres

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDatabasesOfOnesOwn(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), "fsync=off")
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	require.NoError(t, err)
	var last *pgx.Conn
	for range 2 {
		at, err := s.NewDatabase(t.Context())
		require.NoError(t, err)
		last, err = pgx.Connect(t.Context(), at)
		require.NoError(t, err)
		_, err = last.Exec(t.Context(), "CREATE TABLE mine (a INTEGER)")
		require.NoError(t, err, "nobody else is in there")
		var setting string
		require.NoError(t, last.QueryRow(t.Context(), "SHOW fsync").Scan(&setting))
		assert.Equal(t, "off", setting)
	}
	require.NoError(t, s.Stop())
	require.Error(t, last.Ping(t.Context()))
	assert.NoDirExists(t, s.scratch.Path)
}

func TestWhatKeepsItFromStartingIsTold(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), "no_such_setting=1")
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	require.ErrorContains(t, err, "no_such_setting")
}
