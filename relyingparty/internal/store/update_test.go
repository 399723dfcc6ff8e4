package store

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func numbered(i int) User {
	u := alice()
	u.ID, u.Handle, u.EmailKey = fmt.Sprintf("auth0|%d", i), fmt.Append(nil, i), fmt.Sprint(i)
	return u
}

// TestUpdatesThatShareATransaction has many come at once, every third of which fails at
// its end, and two of which want the same email address.
func TestUpdatesThatShareATransaction(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		const many = 201
		refused := errors.New("refused")
		var inserted, commits atomic.Int32
		batches := sync.Map{}
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				err := s.Update(func(tx *Tx) error {
					if _, seen := batches.LoadOrStore(tx.tx, true); !seen {
						for first := commits.Add(1) == 1; first && s.waiting.Load() == 0; { // so that at least one has company
							runtime.Gosched()
						}
					}
					if err := tx.InsertUser(numbered(i % (many - 1))); err != nil {
						return err
					}
					if i%3 == 1 {
						return refused
					}
					return nil
				})
				switch {
				case i%3 == 1:
					assert.ErrorIs(t, err, refused)
				case err == nil:
					inserted.Add(1)
					_, err := s.UserByEmail(fmt.Sprint(i % (many - 1)))
					assert.NoError(t, err, "it is there when Update returns")
				default:
					assert.ErrorIs(t, err, ErrEmailTaken)
				}
			})
		}
		all.Wait()
		users, err := s.Users()
		require.NoError(t, err)
		assert.Len(t, users, int(inserted.Load()))
		assert.Less(t, commits.Load(), int32(many), "some share")
	})
}

// TestAnAbandonedUpdate ends an update in the middle, while another one has done its part
// and a third one waits.
func TestAnAbandonedUpdate(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		var first, third error
		var all sync.WaitGroup
		running := make(chan struct{})
		all.Go(func() {
			first = s.Update(func(tx *Tx) error {
				close(running)
				for s.waiting.Load() == 0 { // so that the batch stays open
					runtime.Gosched()
				}
				return tx.InsertUser(numbered(1))
			})
		})
		<-running
		all.Go(func() {
			_ = s.Update(func(tx *Tx) error { // never returns
				assert.NoError(t, tx.InsertUser(numbered(2)))
				all.Go(func() { third = s.Update(func(tx *Tx) error { return tx.InsertUser(numbered(3)) }) })
				runtime.Goexit()
				return nil
			})
		})
		all.Wait()
		require.ErrorIs(t, first, errAbandoned)
		require.NoError(t, third)
		users, err := s.Users()
		require.NoError(t, err)
		require.Len(t, users, 1)
		assert.Equal(t, "auth0|3", users[0].ID)
	})
}

// TestTwoStoresOnOneDatabase are two processes that write what only one of them may.
func TestTwoStoresOnOneDatabase(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		if where == "" {
			t.Skip("a database in memory belongs to one process")
		}
		stores := [2]*Store{}
		var all sync.WaitGroup
		for i := range stores {
			all.Go(func() {
				var err error
				stores[i], err = Open(where, nil)
				assert.NoError(t, err, "both make the schema")
			})
		}
		all.Wait()
		for _, s := range stores {
			require.NotNil(t, s)
			defer s.Close()
		}
		insert(t, stores[0])
		const many, most = 40, 20
		var kept atomic.Int32
		for i := range many {
			all.Go(func() {
				s := stores[i%2]
				p := passkey(fmt.Sprint(i))
				err := s.Update(func(tx *Tx) error {
					return errors.Join(tx.InsertPasskey(p, most), tx.InsertEvent(Event{At: at, Details: []byte("{}")}))
				})
				if err == nil {
					kept.Add(1)
				} else {
					assert.ErrorIs(t, err, ErrTooManyPasskeys)
				}
				_, err = s.KeepSigningKey(fmt.Append(nil, i), at)
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.EqualValues(t, most-1, kept.Load(), "beside the one that was there")
		var keys [2][]byte
		var events [2][]Event
		for i, s := range stores {
			var err error
			keys[i], err = s.SigningKey()
			require.NoError(t, err)
			events[i], err = s.EventsAfter(0)
			require.NoError(t, err)
			assert.Len(t, events[i], most-1)
		}
		all.Go(func() { // what one writes, the other waits for
			seen, err := stores[1].WaitEvents(t.Context(), events[1][len(events[1])-1].Seq)
			assert.NoError(t, err)
			assert.Len(t, seen, 1)
		})
		require.NoError(t, stores[0].Update(func(tx *Tx) error { return tx.InsertEvent(Event{At: at, Details: []byte("{}")}) }))
		all.Wait()
		assert.Equal(t, keys[0], keys[1])
		assert.Equal(t, events[0], events[1])
	})
}
