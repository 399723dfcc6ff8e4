package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

func (w *walk) fail(format string, args ...any) {
	w.Helper()
	from := max(0, len(w.history)-told)
	w.Fatalf("%s\n…%s", fmt.Sprintf(format, args...), strings.Join(w.history[from:], "\n"))
}

// always holds at every step.
func (w *walk) always() {
	p := w.account.Provider()
	for _, c := range w.account.Passkeys() {
		if w.bound[string(c.ID)] != nil {
			w.fail("%s is bound to its device and in the account", c.ID)
		}
		if w.buried[string(c.ID)] {
			w.fail("%s has risen in the account", c.ID)
		}
	}
	for _, m := range w.members {
		found, err := m.Store().Find(w.Context(), authenticator.Query{})
		require.NoError(w, err)
		for _, c := range found {
			id := string(c.ID)
			switch home := w.bound[id]; {
			case w.buried[id]:
				w.fail("%s has risen on %s", id, m.Name())
			case home != nil && home != m:
				w.fail("%s is bound to %s and on %s", id, home.Name(), m.Name())
			case c.SignCount != 0:
				w.fail("%s counts", id)
			case !lies(p) && p.Backup.Eligible == provider.EligibleAsMade && c.BackupEligible != w.eligible[id]:
				w.fail("BE of %s has changed to %v on %s", id, c.BackupEligible, m.Name())
			case !lies(p) && p.Backup.State == provider.BackedUpAsMade && c.BackedUp != c.BackupEligible:
				w.fail("BS of %s is %v on %s", id, c.BackedUp, m.Name())
			case c.BackedUp && !c.BackupEligible:
				w.fail("%s is backed up and cannot be, on %s", id, m.Name())
			}
		}
	}
}

// settled holds when all is delivered.
func (w *walk) settled() {
	var first []*authenticator.Credential
	var whose *provider.Member
	for _, m := range w.members {
		s := m.Status()
		if !s.In {
			continue
		}
		require.Zero(w, s.Unsent)
		require.Zero(w, s.Undelivered)
		if !s.Unlocked {
			continue
		}
		synced := w.synced(m)
		if whose == nil {
			first, whose = synced, m
		}
		if !slices.EqualFunc(first, synced, same) {
			w.fail("%s shows %s, %s shows %s", whose.Name(), names(first), m.Name(), names(synced))
		}
	}
	w.nothingIsLost()
	w.bury()
	w.theStoryIsTrue()
}

// hear writes down what an event says.
func (w *walk) hear(e provider.Event) {
	switch e.What {
	case provider.Joined, provider.Gone:
		w.story[e.Member] = map[string]bool{}
	case provider.Sent, provider.Heard:
		if e.RPID == "" {
			delete(w.story[e.Member], string(e.ID))
		} else {
			w.story[e.Member][string(e.ID)] = true
		}
	}
}

// theStoryIsTrue: by what the events told, every device has what the account has.
func (w *walk) theStoryIsTrue() {
	has := map[string]bool{}
	for _, c := range w.account.Passkeys() {
		has[string(c.ID)] = true
	}
	for _, m := range w.members {
		if m.In() && !maps.Equal(has, w.story[m.Name()]) {
			w.fail("events tell of %v on %s, the account has %v", slices.Sorted(maps.Keys(w.story[m.Name()])), m.Name(), slices.Sorted(maps.Keys(has)))
		}
	}
}

func (w *walk) synced(m *provider.Member) []*authenticator.Credential {
	found, err := m.Store().Find(w.Context(), authenticator.Query{})
	require.NoError(w, err)
	return slices.DeleteFunc(append(slices.Clone(found), m.HiddenPasskeys()...), func(c *authenticator.Credential) bool {
		return w.bound[string(c.ID)] != nil
	})
}

func same(a, b *authenticator.Credential) bool {
	return string(a.ID) == string(b.ID) && a.User.Name == b.User.Name && a.SignCount == b.SignCount && a.BackupEligible == b.BackupEligible && a.BackedUp == b.BackedUp
}

func names(all []*authenticator.Credential) (text []string) {
	for _, c := range all {
		text = append(text, fmt.Sprintf("%s (%s)", c.ID, c.User.Name))
	}
	return text
}

// nothingIsLost: what is not in the account any more was deleted, or lost by a
// rule that says so.
func (w *walk) nothingIsLost() {
	there := w.everywhere()
	excused := map[string]bool{}
	for _, c := range w.account.Conflicts() {
		excused[string(c.ID)] = true
	}
	for id := range w.eligible {
		if !there[id] && !w.deleted[id] && !excused[id] {
			w.fail("%s is lost", id)
		}
	}
}

// everywhere is what is still in the account or on any device.
func (w *walk) everywhere() map[string]bool {
	there := map[string]bool{}
	for _, c := range w.account.Passkeys() {
		there[string(c.ID)] = true
	}
	for _, m := range w.members {
		for _, id := range shown(w, m) {
			there[id] = true
		}
		for _, c := range m.HiddenPasskeys() {
			there[string(c.ID)] = true
		}
	}
	return there
}

// bury notes what all devices know to be gone.
func (w *walk) bury() {
	there := w.everywhere()
	for id := range w.eligible {
		if !there[id] {
			w.buried[id] = true
		}
	}
}

// A fleet lives through thousands of steps, and the truth of always and settled
// is checked all along.
