package provider_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// judge is a test that notes how it failed instead of failing.
type judge struct {
	testing.TB
	failed string
}

func (j *judge) Errorf(format string, args ...any) { j.failed += fmt.Sprintf(format, args...) }
func (j *judge) FailNow()                          { runtime.Goexit() }

func (j *judge) Fatalf(format string, args ...any) {
	j.Errorf(format, args...)
	j.FailNow()
}

// Each truth of a walk is noticed when it is broken: here by somebody who does
// behind the walk's back what no provider should.
func TestWalksNoticeDefects(t *testing.T) {
	t.Parallel()
	for says, plant := range map[string]func(w *walk){
		"is bound to its device and in the account": func(w *walk) {
			w.bound[string(w.synced(w.members[0])[0].ID)] = w.members[0]
		},
		"is bound to device 0 and on device 1": func(w *walk) {
			put(w, w.members[1], w.own())
		},
		"has risen in the account": func(w *walk) {
			w.buried[string(w.account.Passkeys()[0].ID)] = true
		},
		"has risen on device": func(w *walk) {
			gone := passkey("gone", 3)
			w.buried["gone"] = true
			put(w, w.members[1], gone)
		},
		"counts": func(w *walk) {
			w.change(func(c *authenticator.Credential) { c.SignCount = 1 })
		},
		"has changed to false": func(w *walk) {
			w.change(func(c *authenticator.Credential) { c.BackupEligible, c.BackedUp = false, false })
		},
		"BS of passkey": func(w *walk) {
			w.change(func(c *authenticator.Credential) { c.BackedUp = false })
		},
		"is lost": func(w *walk) {
			remove(w, w.members[0], string(w.synced(w.members[0])[0].ID))
			w.account.Sync()
			w.settled()
		},
		"shows [": func(w *walk) {
			another := open()
			another.Backup.Eligible = provider.EligibleAtRegistrationOnly
			assert.NoError(w, w.members[1].Upgrade(another))
			w.settled()
		},
		"events tell of": func(w *walk) {
			delete(w.story["device 1"], string(w.account.Passkeys()[0].ID))
			w.settled()
		},
		"Should be zero": func(w *walk) {
			w.account.Partition(w.members[0])
			put(w, w.members[0], passkey("unsent", 3))
			w.settled()
		},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			j := &judge{TB: t}
			var done sync.WaitGroup
			done.Go(func() {
				w := newWalk(j, open(), 2)
				for range 3 {
					w.make(w.members[0])
				}
				for len(w.synced(w.members[0])) == 0 || len(w.bound) == 0 {
					w.make(w.members[0])
				}
				w.settle()
				w.always()
				w.settled()
				if assert.Empty(t, j.failed, "before") {
					plant(w)
					w.always()
				}
			})
			done.Wait()
			assert.Contains(t, j.failed, says)
		})
	}
}

// own is a passkey that is bound to the first device.
func (w *walk) own() *authenticator.Credential {
	for id := range w.bound {
		return get(w, w.members[0], id)
	}
	return nil
}

// change changes a synced passkey on the first device.
func (w *walk) change(how func(*authenticator.Credential)) {
	changed := *w.synced(w.members[0])[0]
	how(&changed)
	put(w, w.members[0], &changed)
}
