package relyingparty

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/privatepostgres"
)

// onPostgres, when it is set, is a PostgreSQL in which sites that would keep things in
// memory get a database each.
const onPostgres = "RELYINGPARTY_TESTS_ON_POSTGRES"

// postgres starts the PostgreSQL of these tests when the first of them asks, and
// stopPostgres ends it.
var (
	postgresMu     sync.Mutex
	postgresServer *privatepostgres.Server
)

func startPostgres(t testing.TB) *privatepostgres.Server {
	t.Helper()
	postgresMu.Lock()
	defer postgresMu.Unlock()
	if postgresServer == nil {
		var err error
		postgresServer, err = privatepostgres.Start(t.Context(), "fsync=off")
		if errors.Is(err, privatepostgres.ErrMissing) {
			t.Skip(err)
		}
		require.NoError(t, err)
	}
	return postgresServer
}

func stopPostgres() error {
	postgresMu.Lock()
	defer postgresMu.Unlock()
	if postgresServer == nil {
		return nil
	}
	return postgresServer.Stop()
}

// newPostgres is an empty database.
func newPostgres(t testing.TB) string {
	t.Helper()
	where, err := startPostgres(t).NewDatabase(t.Context())
	require.NoError(t, err)
	return where
}

// elsewhere is where a site of a test keeps things that names no place itself: in memory,
// or in a schema of its own on the PostgreSQL of TestEverythingOnPostgres.
func elsewhere(t testing.TB) string {
	t.Helper()
	server := os.Getenv(onPostgres)
	if server == "" {
		return ""
	}
	conn, err := pgx.Connect(t.Context(), server)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	random := make([]byte, 8)
	_, err = rand.Read(random)
	require.NoError(t, err)
	schema := "site_" + hex.EncodeToString(random)
	_, err = conn.Exec(t.Context(), "CREATE SCHEMA "+schema)
	require.NoError(t, err)
	return server + "&search_path=" + schema
}

// TestEverythingOnPostgres runs the tests of this package once more, in a process of its
// own whose sites keep everything in PostgreSQL.
func TestEverythingOnPostgres(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs all other tests again")
	}
	where := newPostgres(t)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^Test", "-test.skip=OnPostgres|Killed|Process|Outlive", "-test.parallel=4")
	child.Env = append(os.Environ(), onPostgres+"="+where)
	out, err := child.CombinedOutput()
	require.NoError(t, err, "%s", out)
	conn, err := pgx.Connect(t.Context(), where)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var sites int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relname = 'passkeys'").Scan(&sites))
	assert.Greater(t, sites, 100, "there were as many sites")
}
