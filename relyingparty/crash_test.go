package relyingparty

import (
	"bufio"
	"crypto/rand"
	"database/sql"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crashFile names the database in the child process of the test below.
const crashFile = "RELYINGPARTY_CRASH_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		signUpUntilKilled(path)
	}
	status := m.Run()
	if err := stopPostgres(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// signUpUntilKilled is the child: it signs people up and prints each address once
// the site has said that the account is there.
func signUpUntilKilled(path string) {
	s, err := New(Config{BaseURL: testOrigin, Data: path, PasswordCost: LabPasswordCost(), Clock: time.Now, Random: rand.Reader})
	if err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
	t := new(testing.T)
	for i := 0; ; i++ {
		email := fmt.Sprintf("p%d-%d@example.com", os.Getpid(), i)
		b := visitSite(t, s)
		if i%2 == 0 {
			b.signUp(email)
		} else {
			b.signUpWithPassword(email)
		}
		fmt.Println(email)
	}
}

// TestKilledProcessLosesNothing kills the site at a hundred random moments, on each
// database. What it had acknowledged by then has to be there afterwards.
func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "site.db")
		killAtRandom(t, path, 100)
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		var verdict string
		require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
		assert.Equal(t, "ok", verdict)
		require.NoError(t, db.Close())
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killAtRandom(t, newPostgres(t), 100)
	})
}

// killAtRandom kills a site that keeps things at where, again and again, and looks for
// what it had acknowledged.
func killAtRandom(t *testing.T, where string, times int) {
	t.Helper()
	const seed = 1
	random := mathrand.New(mathrand.NewPCG(seed, seed))
	var acknowledged []string
	for range times {
		after := time.Duration(random.IntN(4000)) * time.Microsecond
		acknowledged = append(acknowledged, runAndKill(t, where, random.IntN(4), after)...)
	}
	require.NotEmpty(t, acknowledged)

	s, err := New(Config{BaseURL: testOrigin, Data: where, PasswordCost: LabPasswordCost(), Clock: time.Now, Random: rand.Reader})
	require.NoError(t, err)
	defer s.Close()
	for _, email := range acknowledged {
		u, err := s.User(email)
		require.NoError(t, err)
		assert.True(t, u.HasPassword || len(u.Passkeys) == 1, "%s has no credential", email)
	}
	users, err := s.Users()
	require.NoError(t, err)
	events, err := s.Events(0)
	require.NoError(t, err)
	assert.Len(t, events, len(users), "accounts and their log lines are written together")
}

// runAndKill starts the child, lets it acknowledge n accounts and kills it a moment
// later, whatever it is doing then. It returns everything the child acknowledged.
func runAndKill(t *testing.T, where string, n int, later time.Duration) []string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashFile+"="+where)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var acknowledged []string
	lines := bufio.NewScanner(out)
	for len(acknowledged) < n && lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
	}
	time.AfterFunc(later, func() { _ = child.Process.Kill() })
	for lines.Scan() { // until it is dead
		acknowledged = append(acknowledged, lines.Text())
	}
	require.Error(t, child.Wait(), "it only ends by being killed")
	for _, line := range acknowledged {
		require.NotContains(t, line, "ERROR")
	}
	return acknowledged
}
