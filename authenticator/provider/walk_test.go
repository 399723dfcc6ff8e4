package provider_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/internal/seed"
)

const walkSecret = "correct horse"

// walk is a life of an account, drawn from a seed, beside what has to be true of
// it at every step.
type walk struct {
	testing.TB
	random  *rand.Rand
	clock   *authenticator.ManualClock
	account *provider.Account
	members []*provider.Member
	made    int
	history []string

	bound    map[string]*provider.Member // device-bound passkeys, and where they were made
	eligible map[string]bool             // BE of each passkey when it was made
	deleted  map[string]bool             // somebody deleted it, or a signal or a wipe did
	buried   map[string]bool             // and every device has heard of it
	story    map[string]map[string]bool  // passkeys of the account on each device, as events tell it
}

// newWalk begins a life. Those of odd numbers follow a clock, with lag.
func newWalk(t testing.TB, p provider.Provider, number uint64) *walk {
	automatic := number%2 == 1
	if automatic {
		p.Lag = provider.Lag{Up: 2 * time.Second, Down: 3 * time.Second, Spread: 5 * time.Second}
	}
	w := &walk{
		TB: t, random: rand.New(seed.Stream(number, "walk", p.Name)), clock: newClock(),
		bound: map[string]*provider.Member{}, eligible: map[string]bool{}, deleted: map[string]bool{}, buried: map[string]bool{}, story: map[string]map[string]bool{},
	}
	w.account = newAccount(t, provider.Options{Provider: p, Clock: w.clock, Secret: walkSecret, Watch: w.hear, Automatic: automatic})
	w.join()
	w.join()
	return w
}

func (w *walk) log(format string, args ...any) {
	w.history = append(w.history, fmt.Sprintf(format, args...))
	if len(w.history) > 2*told {
		w.history = append(w.history[:0], w.history[len(w.history)-told:]...)
	}
}

// told is how many steps a failure tells of.
const told = 60

func (w *walk) join() {
	m, err := w.account.Join(provider.Device{Name: fmt.Sprintf("device %d", len(w.members))})
	require.NoError(w, err)
	w.log("%s joins", m.Name())
	w.members = append(w.members, m)
	w.unlock(m)
}

// unlock gives the device the key, half of the time from another device.
func (w *walk) unlock(m *provider.Member) {
	if other := w.anyone(); w.random.IntN(2) == 0 && other.Approve(m) == nil {
		return
	}
	if err := m.Unlock(walkSecret); m.In() && m.Status().InTouch {
		require.NoError(w, err)
	}
}

func (w *walk) anyone() *provider.Member { return w.members[w.random.IntN(len(w.members))] }

// one draws a passkey that the device shows.
func (w *walk) one(m *provider.Member) *authenticator.Credential {
	found, err := m.Store().Find(w.Context(), authenticator.Query{})
	require.NoError(w, err)
	if len(found) == 0 {
		return nil
	}
	return found[w.random.IntN(len(found))]
}

// make is what an authenticator does: a new passkey takes the place of one for the
// same user that the device sees.
func (w *walk) make(m *provider.Member) {
	w.made++
	c := passkey(fmt.Sprintf("passkey %d", w.made), w.random.IntN(4))
	c.RPID = fmt.Sprintf("%d.test", w.random.IntN(2))
	c.Created = w.clock.Now().Unix()
	p := w.account.Provider()
	flags := p.Equip(authenticator.Phone())
	c.BackupEligible, c.BackedUp = flags.BackupEligible, flags.BackedUp
	c.Discoverable = w.random.IntN(5) > 0
	if w.random.IntN(6) == 0 && !lies(p) {
		c.BackupEligible, c.BackedUp = false, false
	}
	change := authenticator.Change{Put: []*authenticator.Credential{c}}
	siblings, err := m.Store().Find(w.Context(), authenticator.Query{RPID: c.RPID})
	require.NoError(w, err)
	for _, s := range siblings {
		if s.Discoverable && c.Discoverable && string(s.User.ID) == string(c.User.ID) {
			change.Delete = append(change.Delete, s.ID)
		}
	}
	w.log("%s makes %s, user %s of %s, BE %v, in place of %q", m.Name(), c.ID, c.User.ID, c.RPID, c.BackupEligible, change.Delete)
	if err := m.Store().Commit(w.Context(), change); err != nil {
		require.ErrorIs(w, err, provider.ErrSealed)
		return
	}
	for _, id := range change.Delete {
		w.deleted[string(id)] = true
	}
	w.eligible[string(c.ID)] = c.BackupEligible
	if !c.BackupEligible && !lies(p) || p.Syncs == provider.SyncsNothing || p.Syncs == provider.SyncsDiscoverable && !c.Discoverable {
		w.bound[string(c.ID)] = m
	}
}

// lies reports whether a provider's flags say nothing of what it syncs.
func lies(p provider.Provider) bool {
	return p.Backup.Flagless || p.Backup.Eligible == provider.EligibleOnceStored
}

// step does one thing that a person, a site or the network could do.
func (w *walk) step() {
	m := w.anyone()
	w.clock.Advance(time.Duration(w.random.IntN(3)) * time.Second)
	switch w.random.IntN(22) {
	case 0, 1, 2:
		w.make(m)
	case 3, 4:
		if c := w.one(m); c != nil {
			w.log("%s deletes %s", m.Name(), c.ID)
			w.deleted[string(c.ID)] = true
			remove(w, m, string(c.ID))
		}
	case 5, 6:
		if c := w.one(m); c != nil {
			w.log("%s renames %s", m.Name(), c.ID)
			rename(w, m, string(c.ID), fmt.Sprintf("name %d", w.random.IntN(100)))
		}
	case 7:
		if c := w.one(m); c != nil {
			w.log("%s hears that %s is unknown", m.Name(), c.ID)
			w.signalled(m.UnknownCredential(c.RPID, c.ID))
		}
	case 8:
		w.signalAll(m)
	case 9:
		m.Pause()
	case 10:
		m.Resume()
	case 11:
		m.GoOffline()
	case 12:
		m.GoOnline()
	case 13:
		w.account.Partition(m)
	case 14:
		w.account.Heal()
	case 15, 16:
		w.log("%s uploads: %v", m.Name(), m.Upload())
	case 17, 18:
		d, did := m.Deliver()
		w.log("%s is delivered %s: %v", m.Name(), d.ID, did)
	case 19:
		if all := w.account.Passkeys(); len(all) > 0 {
			c := all[w.random.IntN(len(all))]
			_, did := m.DeliverOnly(c.ID)
			w.log("%s is delivered %s before the rest: %v", m.Name(), c.ID, did)
		}
	case 20:
		w.log("%s syncs", m.Name())
		m.Sync()
	case 21:
		w.comeOrGo(m)
	}
}

func (w *walk) signalAll(m *provider.Member) {
	c := w.one(m)
	if c == nil {
		return
	}
	var accepted [][]byte
	for _, other := range w.account.Passkeys() {
		if string(other.User.ID) == string(c.User.ID) && w.random.IntN(3) > 0 {
			accepted = append(accepted, other.ID)
		}
	}
	w.log("%s hears that of user %s only %q are accepted", m.Name(), c.User.ID, accepted)
	w.signalled(m.AllAcceptedCredentials(c.RPID, c.User.ID, accepted))
}

func (w *walk) signalled(effects []provider.Effect) {
	for _, e := range effects {
		if e.What == provider.Removed {
			w.deleted[string(e.ID)] = true
		}
	}
}

func (w *walk) comeOrGo(m *provider.Member) {
	switch how := w.random.IntN(8); {
	case len(w.members) < 5:
		w.join()
	case !m.In():
		require.NoError(w, w.account.Return(m))
		w.unlock(m)
		w.log("%s returns", m.Name())
	case how == 0:
		w.log("%s leaves", m.Name())
		m.Leave()
	case how == 1:
		w.log("%s is removed from afar", m.Name())
		require.NoError(w, w.account.Remove(m))
	case how == 2:
		w.log("%s is wiped", m.Name())
		before := w.everywhere()
		m.Wipe()
		after := w.everywhere()
		for id := range before {
			w.deleted[id] = w.deleted[id] || !after[id]
		}
	default:
		w.unlock(m)
	}
}

// settle puts everybody in touch, and lets everything arrive.
func (w *walk) settle() {
	w.account.Heal()
	for _, m := range w.members {
		m.Resume()
		m.GoOnline()
	}
	w.account.Sync()
	w.log("all is delivered")
}

func TestRandomWalks(t *testing.T) {
	t.Parallel()
	steps := 1500
	if testing.Short() {
		steps = 200
	}
	walkAll(t, 4, steps)
}

// walkAll has a fleet of every provider live so many lives of so many steps.
func walkAll(t *testing.T, lives uint64, steps int) {
	elsewhere := provider.Provider{Name: "backed up elsewhere", Backup: provider.Backup{State: provider.BackedUpElsewhere}, Edits: provider.EditWins}
	newest := provider.Provider{Name: "newest wins, kept copies", SameUser: provider.NewestWins, Leave: provider.Keeps, Removal: provider.Keeps}
	removes := listening(provider.Removes, provider.Hides)
	removes.Name, removes.Counts = "signals remove and hide", true
	for _, p := range append(provider.All(), elsewhere, newest, removes, open()) {
		for number := range lives {
			t.Run(fmt.Sprintf("%s/seed %d", p.Name, number), func(t *testing.T) {
				t.Parallel()
				w := newWalk(t, p, number)
				for i := range steps {
					w.step()
					w.always()
					if i%40 == 39 {
						w.settle()
						w.always()
						w.settled()
					}
				}
				require.Greater(t, w.made, steps/20)
			})
		}
	}
}
