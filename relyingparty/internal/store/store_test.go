package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var at = time.Date(2030, 1, 2, 3, 4, 5, 6_000_000, time.UTC)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() }) // some tests close it themselves
	return s
}

func alice() User {
	return User{ID: "auth0|1", Handle: []byte("handle 1"), Email: "Alice@Example.com", EmailKey: "alice@example.com", Password: "hash", Created: at,
		Profile: []byte(`{"name":"Alice"}`)}
}

func passkey(id string) Passkey {
	return Passkey{
		ID: "passkey|" + id, UserID: "auth0|1", CredentialID: []byte(id), PublicKey: []byte("key"), SignCount: 4_000_000_000,
		BackupEligible: true, BackedUp: true, UserVerified: true, AAGUID: make([]byte, 16), Attachment: "platform",
		Transports: []string{"internal", "hybrid"}, Attestation: "none", RPID: "acme.test", Name: "Chrome on Linux",
		UserAgent: "Mozilla", Created: at,
	}
}

func insert(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.Update(func(tx *Tx) error {
		require.NoError(t, tx.InsertUser(alice()))
		return tx.InsertPasskey(passkey("a"), 20)
	}))
}

func TestRowsComeBackAsTheyWentIn(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		line := Event{At: at, Type: "ss", Description: "d", UserID: "u", UserName: "n", IP: "ip", UserAgent: "ua", Connection: "c", ClientID: "ci", ClientName: "cn", Details: []byte("{}"), Hostname: "h"}
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertEvent(line) }))
		if where != "" {
			require.NoError(t, s.Close())
			s = open(t, where)
		}
		u, err := s.UserByID("auth0|1")
		require.NoError(t, err)
		assert.Equal(t, alice(), u)
		p, owner, err := s.PasskeyByCredential([]byte("a"))
		require.NoError(t, err)
		assert.Equal(t, passkey("a"), p)
		assert.Equal(t, alice(), owner)
		events, err := s.EventsAfter(0)
		require.NoError(t, err)
		line.Seq = 1
		assert.Equal(t, []Event{line}, events)
	})
}

func TestWhatBelongsToOneAccount(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		twin := alice()
		twin.ID, twin.Handle = "auth0|2", []byte("handle 2")
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.InsertUser(twin) }), ErrEmailTaken)
		twin.EmailKey = "bob@example.com"
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertUser(twin) }))

		again := passkey("a")
		again.ID, again.UserID = "passkey|b", "auth0|2"
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.InsertPasskey(again, 20) }), ErrCredentialTaken)
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.InsertPasskey(passkey("c"), 1) }), ErrTooManyPasskeys)
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.DeletePasskey("auth0|2", "passkey|a") }), ErrNotFound)
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.RenamePasskey("auth0|2", "passkey|a", "x") }), ErrNotFound)
		orphan := passkey("d")
		orphan.UserID = "auth0|none"
		require.Regexp(t, "(?i)foreign key", s.Update(func(tx *Tx) error { return tx.InsertPasskey(orphan, 20) }))
	})
}

func TestAFailedUpdateLeavesNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		err := s.Update(func(tx *Tx) error {
			require.NoError(t, tx.InsertUser(alice()))
			require.NoError(t, tx.InsertEvent(Event{At: at, Details: []byte("{}")}))
			return ErrStaleCounter
		})
		require.ErrorIs(t, err, ErrStaleCounter)
		_, err = s.UserByEmail("alice@example.com")
		require.ErrorIs(t, err, ErrNotFound)
		events, err := s.EventsAfter(0)
		require.NoError(t, err)
		assert.Empty(t, events)
	})
}

func TestCounterOnlyGrows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stored, next uint32
		any, fails   bool
	}{
		{0, 0, false, false}, {0, 1, false, false}, {5, 6, false, false},
		{5, 5, false, true}, {5, 4, false, true}, {5, 0, false, true}, {5, 4, true, false},
	}
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		for i, test := range tests {
			p := passkey(fmt.Sprint(i))
			p.UserID = "auth0|" + fmt.Sprint(i)
			u := alice()
			u.ID, u.Handle, u.EmailKey = p.UserID, []byte(p.UserID), p.UserID
			p.SignCount = test.stored
			require.NoError(t, s.Update(func(tx *Tx) error {
				require.NoError(t, tx.InsertUser(u))
				return tx.InsertPasskey(p, 20)
			}))
			err := s.Update(func(tx *Tx) error {
				return tx.UsePasskey(p.ID, Use{SignCount: test.next, At: at, AnyCounter: test.any})
			})
			got, _, findErr := s.PasskeyByCredential(p.CredentialID)
			require.NoError(t, findErr)
			if test.fails {
				require.ErrorIs(t, err, ErrStaleCounter, test)
				assert.Equal(t, test.stored, got.SignCount)
				continue
			}
			require.NoError(t, err, test)
			assert.Equal(t, test.next, got.SignCount)
			assert.Equal(t, at, got.LastUsed)
			assert.False(t, got.BackedUp)
		}
	})
}

func TestTicketsWorkOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		hashes := [][]byte{[]byte("1"), []byte("2")}
		require.NoError(t, s.Update(func(tx *Tx) error {
			for _, h := range hashes {
				require.NoError(t, tx.InsertTicket(Ticket{Hash: h, UserID: "auth0|1", Expires: at}))
			}
			return nil
		}))
		spend := func(tx *Tx) error { return tx.SpendTicket(hashes[0], at) }
		require.NoError(t, s.Update(spend))
		require.ErrorIs(t, s.Update(spend), ErrNotFound)
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.SpendTicketsOf("auth0|1", at) }))
		k, err := s.Ticket(hashes[1])
		require.NoError(t, err)
		assert.Equal(t, Ticket{Hash: hashes[1], UserID: "auth0|1", Expires: at, Used: at}, k)
		_, err = s.Ticket([]byte("3"))
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestWaitForEvents(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		got := make(chan []Event)
		go func() {
			events, _ := s.WaitEvents(t.Context(), 1)
			got <- events
		}()
		for range 2 {
			require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertEvent(Event{At: at, Type: "s", Details: []byte("{}")}) }))
		}
		events := <-got
		require.Len(t, events, 1)
		assert.EqualValues(t, 2, events[0].Seq)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.WaitEvents(ctx, 2)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestUnusableFilesAreRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	ours := func(t *testing.T, path string) {
		s := open(t, path)
		for i := range 200 {
			u := alice()
			u.ID += strings.Repeat("x", i)
			u.Handle, u.EmailKey = []byte(u.ID), u.ID
			require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertUser(u) }))
		}
		require.NoError(t, s.Close())
	}
	execute := func(t *testing.T, path, statement string) {
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		_, err = db.Exec(statement)
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
	tests := map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"text": {func(t *testing.T, p string) {
			require.NoError(t, os.WriteFile(p, []byte("my shopping list, quite long"), 0o600))
		}, "is not a SQLite database"},
		"short text":        {func(t *testing.T, p string) { require.NoError(t, os.WriteFile(p, []byte("x"), 0o600)) }, "is not a SQLite database"},
		"a directory":       {func(t *testing.T, p string) { require.NoError(t, os.Mkdir(p, 0o700)) }, "directory"},
		"another program's": {func(t *testing.T, p string) { execute(t, p, "CREATE TABLE recipes (name TEXT)") }, "database of another program"},
		"newer": {func(t *testing.T, p string) {
			ours(t, p)
			execute(t, p, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)+1))
		}, "use a newer program"},
		"damaged page": {func(t *testing.T, p string) {
			ours(t, p)
			content, err := os.ReadFile(p)
			require.NoError(t, err)
			for i := len(content) / 2; i < len(content); i++ {
				content[i] ^= 0x5a
			}
			require.NoError(t, os.WriteFile(p, content, 0o600))
		}, "restore it from a copy"},
		"cut off": {func(t *testing.T, p string) {
			ours(t, p)
			require.NoError(t, os.Truncate(p, 5000))
		}, "restore it from a copy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "site.db")
			test.prepare(t, path)
			before, _ := os.ReadFile(path) // fails for the directory, and shall
			_, err := Open(path, nil)
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, path)
			after, _ := os.ReadFile(path)
			assert.Equal(t, before, after)
		})
	}
}

func TestEmptyFileBecomesADatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	insert(t, open(t, path))
}

func TestDurabilitySettings(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "site.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		require.NoError(t, s.writer.db.QueryRow("PRAGMA "+pragma).Scan(&got))
		assert.Equal(t, want, got, pragma)
	}
}

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		token := RefreshToken{Hash: []byte("1"), Family: "f", UserID: "auth0|1", ClientID: "app", Scope: "openid", Audience: "a",
			Authenticated: at, Expires: at.Add(time.Hour)}
		second := token
		second.Hash = []byte("2")
		require.NoError(t, s.Update(func(tx *Tx) error { return errors.Join(tx.InsertRefreshToken(token), tx.InsertRefreshToken(second)) }))
		got, err := s.RefreshToken([]byte("1"))
		require.NoError(t, err)
		assert.Equal(t, token, got)

		require.NoError(t, s.Update(func(tx *Tx) error { return tx.SpendRefreshToken([]byte("1"), at) }))
		got, err = s.RefreshToken([]byte("1"))
		require.NoError(t, err)
		assert.Equal(t, at, got.Used)
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.SpendRefreshToken([]byte("1"), at) }), ErrNotFound, "once only")

		third := token
		third.Hash = []byte("3")
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertRefreshSuccessor(third) }))
		got, err = s.RefreshToken([]byte("3"))
		require.NoError(t, err)
		assert.Equal(t, third, got)

		require.NoError(t, s.Update(func(tx *Tx) error { return tx.DeleteRefreshFamily("f") }))
		require.ErrorIs(t, s.Update(func(tx *Tx) error { return tx.InsertRefreshSuccessor(third) }), ErrNotFound, "the family is gone")
		for _, hash := range []string{"2", "3"} {
			_, err = s.RefreshToken([]byte(hash))
			require.ErrorIs(t, err, ErrNotFound)
		}
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertRefreshToken(token) }))
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.DeleteRefreshTokensOf("auth0|1") }))
		_, err = s.RefreshToken([]byte("1"))
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestTheFirstSigningKeyStays(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		_, err := s.SigningKey()
		require.ErrorIs(t, err, ErrNotFound)
		for _, key := range []string{"first", "second"} {
			kept, err := s.KeepSigningKey([]byte(key), at)
			require.NoError(t, err)
			assert.Equal(t, "first", string(kept))
		}
	})
}

func TestFindEvents(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		for _, name := range []string{"ann", "Bob", "b%b", `c\d`} {
			require.NoError(t, s.Update(func(tx *Tx) error {
				return tx.InsertEvent(Event{At: at, Type: "ss", UserName: name, Description: "Successful signup", Details: []byte(`{"k":"in details"}`)})
			}))
		}
		for name, test := range map[string]struct {
			q    EventQuery
			want []int64
		}{
			"all":           {EventQuery{}, []int64{1, 2, 3, 4}},
			"newest first":  {EventQuery{OldestLast: true, Skip: 1, Most: 2}, []int64{3, 2}},
			"after":         {EventQuery{After: 3}, []int64{4}},
			"one":           {EventQuery{Fits: Numbered(2)}, []int64{2}},
			"whatever case": {EventQuery{Fits: Match{ByUserName, "bOB", false}}, []int64{2}},
			"no wildcard":   {EventQuery{Fits: Match{ByUserName, "b*", false}}, nil},
			"start":         {EventQuery{Fits: Match{ByUserName, "b*", true}}, []int64{2, 3}},
			"end":           {EventQuery{Fits: Match{ByUserName, "*B", true}}, []int64{2, 3}},
			"middle":        {EventQuery{Fits: Match{ByUserName, "*n*", true}}, []int64{1}},
			"percent sign":  {EventQuery{Fits: Match{ByUserName, "b%*", true}}, []int64{3}},
			"backslash":     {EventQuery{Fits: Mentions(`c\d`)}, []int64{4}},
			"details":       {EventQuery{Fits: Mentions("in DETAILS")}, []int64{1, 2, 3, 4}},
			"both":          {EventQuery{Fits: All{Match{ByType, "ss", false}, Match{ByUserName, "ann", false}}}, []int64{1}},
			"either":        {EventQuery{Fits: Any{Numbered(4), Match{ByUserName, "ann", false}}, After: 1}, []int64{4}},
			"neither":       {EventQuery{Fits: Not{Any{Numbered(4), Match{ByUserName, "ann", false}}}}, []int64{2, 3}},
			"all of none":   {EventQuery{Fits: All{}}, []int64{1, 2, 3, 4}},
			"any of none":   {EventQuery{Fits: Any{}}, nil},
			"none":          {EventQuery{Fits: Mentions("x%")}, nil},
			"from":          {EventQuery{Fits: During{From: at}}, []int64{1, 2, 3, 4}},
			"before":        {EventQuery{Fits: During{To: at}}, nil},
		} {
			events, err := s.FindEvents(test.q)
			require.NoError(t, err, name)
			var got []int64
			for _, e := range events {
				got = append(got, e.Seq)
			}
			assert.Equal(t, test.want, got, name)
			n, err := s.CountEvents(test.q)
			require.NoError(t, err, name)
			if test.q.Most == 0 {
				assert.Equal(t, len(test.want), n, name)
			}
		}
	})
}

// What has expired is swept, the oldest first, and no more at once than is asked for.
func TestSweepsAreBounded(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		sweep := func(before time.Time, most int) {
			require.NoError(t, s.Update(func(tx *Tx) error {
				return errors.Join(tx.SweepRefreshTokens(before, most), tx.SweepTickets(before, most))
			}))
		}
		require.NoError(t, s.Update(func(tx *Tx) error {
			var wrong []error
			for i := range 5 {
				hash, expires := []byte{byte(i)}, at.Add(time.Duration(i)*time.Hour)
				wrong = append(wrong, tx.InsertTicket(Ticket{Hash: hash, UserID: "auth0|1", Expires: expires}),
					tx.InsertRefreshToken(RefreshToken{Hash: hash, Family: "f", UserID: "auth0|1", Authenticated: at, Expires: expires}))
			}
			return errors.Join(wrong...)
		}))
		left := func() (left string) {
			for i := range byte(5) {
				_, err := s.Ticket([]byte{i})
				_, errToken := s.RefreshToken([]byte{i})
				assert.Equal(t, err, errToken)
				if err == nil {
					left += string('0' + i)
				}
			}
			return left
		}
		sweep(at, 10)
		assert.Equal(t, "01234", left(), "up to a moment")
		sweep(at.Add(4*time.Hour), 2)
		assert.Equal(t, "234", left())
		sweep(at.Add(4*time.Hour), 10)
		assert.Equal(t, "4", left())
	})
}

// TestFilesAreTheirOwners makes databases that nobody else can read, and leaves those that
// are there as they are.
func TestFilesAreTheirOwners(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "new.db"))
	require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertUser(alice()) }))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 3, "the database, its log and the index of that")
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
	}
	shared := filepath.Join(t.TempDir(), "shared.db")
	require.NoError(t, os.WriteFile(shared, nil, 0o660))
	require.NoError(t, os.Chmod(shared, 0o660))
	open(t, shared)
	info, err := os.Stat(shared)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o660), info.Mode().Perm())
}

// lineNumbers are those of the log's lines.
func lineNumbers(t *testing.T, s *Store) (all []int64) {
	t.Helper()
	events, err := s.EventsAfter(0)
	require.NoError(t, err)
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}

// Lines that are too old go as others come, all of them do when a store is opened, and their
// numbers do not come back.
func TestEventsAreKeptForAWhile(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		put := func(at time.Time, count int) {
			t.Helper()
			for range count {
				require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertEvent(Event{At: at, Type: "s", Details: []byte("{}")}) }))
			}
		}
		put(at, 3*eventsSwept)
		require.Len(t, lineNumbers(t, s), 3*eventsSwept, "for ever where nothing is said")
		require.NoError(t, s.KeepEvents(0, at.Add(100*time.Hour)))
		require.Len(t, lineNumbers(t, s), 3*eventsSwept, "and where that is said")
		require.NoError(t, s.KeepEvents(time.Hour, at.Add(time.Hour)))
		require.Len(t, lineNumbers(t, s), 3*eventsSwept, "not before they are too old")

		later := at.Add(time.Hour + time.Millisecond)
		put(later, 3*eventsSwept)
		left := lineNumbers(t, s)
		assert.Equal(t, int64(3*eventsSwept+1), left[0], "the old ones have gone")
		assert.Len(t, left, 3*eventsSwept)

		require.NoError(t, s.KeepEvents(time.Hour, later.Add(2*time.Hour)))
		require.Empty(t, lineNumbers(t, s), "all at once")
		put(later.Add(2*time.Hour), 1)
		assert.Equal(t, []int64{6*eventsSwept + 1}, lineNumbers(t, s))
	})
}

// Who waits for lines that fit a query is past those that do not, and looks at none twice.
func TestAwaitedEventsAreLookedAtOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		put := func(kind string) {
			t.Helper()
			require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertEvent(Event{At: at, Type: kind, Details: []byte("{}")}) }))
		}
		q := EventQuery{Fits: Match{Column: ByType, Value: "slo"}, Most: 1}
		ended, end := context.WithCancel(t.Context())
		end()
		for want := int64(1); want < 4; want++ {
			put("s")
			_, err := s.AwaitEvents(ended, &q)
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, want, q.After)
		}
		put("slo")
		put("slo")
		for want := int64(4); want < 6; want++ {
			found, err := s.AwaitEvents(t.Context(), &q)
			require.NoError(t, err)
			require.Len(t, found, 1)
			assert.Equal(t, want, found[0].Seq, "none that fits is passed by")
			q.After = found[0].Seq
		}
	})
}
