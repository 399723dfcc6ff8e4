package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// pair is two devices that have synced one passkey, and are then cut off.
type pair struct {
	testing.TB
	account *provider.Account
	clock   *authenticator.ManualClock
	a, b    *provider.Member
}

func newPair(t testing.TB, p provider.Provider) *pair {
	clock := newClock()
	account := newAccount(t, provider.Options{Provider: p, Clock: clock})
	members := join(t, account, "phone", "laptop")
	put(t, members[0], passkey("old", 1))
	account.Sync()
	account.Partition(members...)
	return &pair{t, account, clock, members[0], members[1]}
}

// then lets a second pass before the next thing happens.
func (p *pair) then() { p.clock.Advance(time.Second) }

// heal lets the account hear of first before it hears of the other.
func (p *pair) heal(first *provider.Member) {
	p.account.Heal()
	for first.Upload() {
	}
	p.account.Sync()
	assert.Equal(p, shown(p, p.a), shown(p, p.b), "both devices show the same")
}

func (p *pair) lost() (rules []provider.Rule) {
	for _, c := range p.account.Conflicts() {
		rules = append(rules, c.Rule)
	}
	return rules
}

// Whoever reaches the account first, the rule decides.
func bothOrders(t *testing.T, p provider.Provider, test func(t *testing.T, p *pair, heal func())) {
	for name, second := range map[string]bool{"phone first": false, "laptop first": true} {
		t.Run(p.Name+", "+name, func(t *testing.T) {
			t.Parallel()
			pair := newPair(t, p)
			first := pair.a
			if second {
				first = pair.b
			}
			test(t, pair, func() { pair.heal(first) })
		})
	}
}

func TestTwoPasskeysForOneUser(t *testing.T) {
	t.Parallel()
	make := func(p *pair) {
		remove(p, p.a, "old")
		put(p, p.a, passkey("of the phone", 1))
		p.then()
		put(p, p.b, passkey("of the laptop", 1))
	}
	both, newest, shadows := open(), open(), open()
	newest.Name, newest.SameUser = "newest wins", provider.NewestWins
	shadows.Name, shadows.SameUser = "newest shadows", provider.NewestShadows
	bothOrders(t, both, func(t *testing.T, p *pair, heal func()) {
		make(p)
		heal()
		assert.ElementsMatch(t, []string{"of the laptop", "of the phone"}, shown(t, p.a))
		assert.Empty(t, p.lost())
	})
	bothOrders(t, newest, func(t *testing.T, p *pair, heal func()) {
		make(p)
		heal()
		assert.Equal(t, []string{"of the laptop"}, shown(t, p.a))
		assert.Contains(t, p.lost(), provider.NewerPasskey)
		assert.Len(t, p.account.Passkeys(), 1)
	})
	bothOrders(t, shadows, func(t *testing.T, p *pair, heal func()) {
		make(p)
		heal()
		assert.Equal(t, []string{"of the laptop"}, shown(t, p.a))
		assert.Len(t, p.account.Passkeys(), 2, "the older one is still in the account")
		remove(t, p.a, "of the laptop")
		p.account.Sync()
		assert.Equal(t, []string{"of the phone"}, shown(t, p.b), "and comes back without the newer one")
	})
}

// On one that shadows, a passkey made in place of another shadows it though their
// clocks agree; and what was shadowed so does not shadow others by its age.
func TestShadowsByIntent(t *testing.T) {
	t.Parallel()
	p := open()
	p.SameUser = provider.NewestShadows
	pair := newPair(t, p)
	put(t, pair.a, passkey("new", 1)) // "new" comes before "old"
	assert.Equal(t, []string{"new"}, shown(t, pair.a))
	put(t, pair.b, passkey("made apart", 1))
	pair.heal(pair.a)
	assert.Equal(t, []string{"new"}, shown(t, pair.b), "of two that did not know of each other the newest, by ID at one time")

	pair = newPair(t, p)
	put(t, pair.a, passkey("new", 1))
	remove(t, pair.b, "old")
	pair.heal(pair.a)
	put(t, pair.b, passkey("old", 1)) // each is now in place of the other
	pair.account.Sync()
	assert.Equal(t, []string{"old"}, shown(t, pair.a), "somebody is always shown")
	assert.Equal(t, []string{"old"}, shown(t, pair.b))
}

// On a provider that shadows, a device that makes a passkey for a user whose older
// one it sees leaves that one in the account.
func TestShadowedPasskeyOutlivesItsReplacement(t *testing.T) {
	t.Parallel()
	p := open()
	p.SameUser = provider.NewestShadows
	pair := newPair(t, p)
	pair.then()
	newer := passkey("new", 1)
	require.NoError(t, pair.a.Store().Commit(t.Context(), authenticator.Change{Delete: [][]byte{[]byte("old")}, Put: []*authenticator.Credential{newer}}))
	assert.Equal(t, []string{"new"}, shown(t, pair.a))
	found, err := pair.a.Store().Find(t.Context(), authenticator.Query{ID: []byte("old")})
	require.NoError(t, err)
	assert.Empty(t, found, "not by its ID either")
	remove(t, pair.a, "new")
	assert.Equal(t, []string{"old"}, shown(t, pair.a))
}

func TestDeleteAgainstRename(t *testing.T) {
	t.Parallel()
	edits := open()
	edits.Name, edits.Edits = "edit wins", provider.EditWins
	bothOrders(t, open(), func(t *testing.T, p *pair, heal func()) {
		remove(t, p.a, "old")
		p.then()
		rename(t, p.b, "old", "renamed")
		heal()
		assert.Empty(t, shown(t, p.b))
		assert.Empty(t, p.account.Passkeys())
	})
	bothOrders(t, edits, func(t *testing.T, p *pair, heal func()) {
		remove(t, p.a, "old")
		p.then()
		rename(t, p.b, "old", "renamed")
		heal()
		assert.Equal(t, "renamed", get(t, p.a, "old").User.Name)
	})
	p := newPair(t, open())
	remove(t, p.a, "old")
	rename(t, p.b, "old", "renamed")
	p.heal(p.a)
	assert.Equal(t, []provider.Rule{provider.DeletedMeanwhile}, p.lost(), "the change that came too late is told")
	p = newPair(t, edits)
	remove(t, p.a, "old")
	rename(t, p.b, "old", "renamed")
	p.heal(p.b)
	assert.Equal(t, []provider.Rule{provider.ChangedMeanwhile}, p.lost())
}

// Use of a passkey that another device has deleted works until the device hears of
// it, and its counter's move does not bring the passkey back.
func TestDeleteAgainstUse(t *testing.T) {
	t.Parallel()
	counting := open()
	counting.Counts = true
	p := newPair(t, counting)
	remove(t, p.a, "old")
	used := *get(t, p.b, "old")
	used.SignCount++
	put(t, p.b, &used)
	assert.Equal(t, uint32(1), get(t, p.b, "old").SignCount)
	p.heal(p.a)
	assert.Empty(t, shown(t, p.b))
}

func TestCountersNeverGoBack(t *testing.T) {
	t.Parallel()
	counting := open()
	counting.Counts = true
	bothOrders(t, counting, func(t *testing.T, p *pair, heal func()) {
		for m, count := range map[*provider.Member]uint32{p.a: 9, p.b: 4} {
			used := *get(t, m, "old")
			used.SignCount = count
			put(t, m, &used)
		}
		heal()
		assert.Equal(t, uint32(9), get(t, p.b, "old").SignCount)
	})
}

// Changes to different parts of a passkey go together; of two to the same part the
// later one counts.
func TestEditsMerge(t *testing.T) {
	t.Parallel()
	bothOrders(t, open(), func(t *testing.T, p *pair, heal func()) {
		rename(t, p.a, "old", "early")
		p.then()
		rename(t, p.b, "old", "late")
		blob := *get(t, p.a, "old")
		blob.Extras = &authenticator.Extras{TakesLargeBlob: true, LargeBlob: []byte{1}}
		put(t, p.a, &blob)
		heal()
		got := get(t, p.b, "old")
		assert.Equal(t, "late", got.User.Name)
		require.NotNil(t, got.Extras)
		assert.Equal(t, []byte{1}, got.Extras.LargeBlob)
	})
	bothOrders(t, open(), func(t *testing.T, p *pair, heal func()) {
		rename(t, p.a, "old", "renamed")
		p.then()
		blob := *get(t, p.b, "old")
		blob.Extras = &authenticator.Extras{TakesLargeBlob: true}
		put(t, p.b, &blob)
		heal()
		assert.Equal(t, "renamed", get(t, p.b, "old").User.Name)
		assert.NotNil(t, get(t, p.a, "old").Extras)
		assert.Empty(t, p.lost())
	})
	p := newPair(t, open())
	rename(t, p.a, "old", "early")
	p.then()
	rename(t, p.b, "old", "late")
	p.heal(p.b)
	assert.Equal(t, "late", get(t, p.a, "old").User.Name)
	assert.Equal(t, []provider.Rule{provider.LaterEdit}, p.lost())
	assert.Equal(t, "phone", p.account.Conflicts()[0].Member, "whoever comes first, the earlier one loses")
	p = newPair(t, open())
	rename(t, p.a, "old", "early")
	p.then()
	rename(t, p.b, "old", "late")
	p.heal(p.a)
	assert.Equal(t, "late", get(t, p.a, "old").User.Name)
	require.Len(t, p.account.Conflicts(), 1)
	assert.Equal(t, "phone", p.account.Conflicts()[0].Member)
}

// Two devices that are given the same passkey have one, and where it is another
// under the same ID, the later one.
func TestTheSameImportTwice(t *testing.T) {
	t.Parallel()
	bothOrders(t, open(), func(t *testing.T, p *pair, heal func()) {
		same := passkey("same", 2)
		put(t, p.a, passkey("another", 3), same)
		p.then()
		numbered := *same
		numbered.Sequence = 7
		put(t, p.b, &numbered)
		heal()
		assert.Equal(t, uint64(7), get(t, p.a, "same").Sequence)
		assert.Empty(t, p.lost())
	})
	bothOrders(t, open(), func(t *testing.T, p *pair, heal func()) {
		put(t, p.a, passkey("same", 2))
		p.then()
		put(t, p.b, passkey("same", 3))
		heal()
		assert.Equal(t, passkey("same", 3).PrivateKey, get(t, p.a, "same").PrivateKey)
		assert.Equal(t, []byte("user 3"), get(t, p.a, "same").User.ID)
		require.Len(t, p.account.Conflicts(), 1)
		assert.Equal(t, "phone", p.account.Conflicts()[0].Member)
	})
}

// A passkey that was deleted comes back when somebody who knows that it was brings
// it back, and only then.
func TestOnlyWhoKnowsOfADeletionUndoesIt(t *testing.T) {
	t.Parallel()
	t.Run("knows", func(t *testing.T) {
		t.Parallel()
		p := newPair(t, open())
		p.account.Heal()
		remove(t, p.a, "old")
		p.account.Sync()
		put(t, p.b, passkey("old", 1))
		p.account.Sync()
		assert.Equal(t, []string{"old"}, shown(t, p.a))
	})
	t.Run("does not know", func(t *testing.T) {
		t.Parallel()
		p := newPair(t, open())
		p.account.Heal()
		put(t, p.a, passkey("given to both", 2))
		p.a.Sync()
		remove(t, p.a, "given to both")
		put(t, p.b, passkey("given to both", 2))
		p.heal(p.a)
		assert.Equal(t, []string{"old"}, shown(t, p.b))
	})
}

// Long lives leave no trace but what somebody may still need: a device that has
// been away for all of it still sees what it saw, and what it did then is settled
// as if it had happened yesterday.
func TestHistoryIsForgottenOnlyWhenNobodyNeedsIt(t *testing.T) {
	t.Parallel()
	p := newPair(t, open())
	p.account.Heal()
	put(t, p.a, passkey("kept", 4))
	p.account.Sync()
	p.b.GoOffline()
	put(t, p.b, passkey("made on the way", 3))
	rename(t, p.b, "old", "by the laptop")
	remove(t, p.a, "old")
	for i := range 500 {
		put(t, p.a, passkey("short-lived", 2))
		rename(t, p.a, "kept", fmt.Sprintf("name %d", i))
		remove(t, p.a, "short-lived")
		p.a.Sync()
	}
	assert.ElementsMatch(t, []string{"old", "kept", "made on the way"}, shown(t, p.b))
	assert.Equal(t, "user4@site.test", get(t, p.b, "kept").User.Name)
	assert.Equal(t, "by the laptop", get(t, p.b, "old").User.Name)
	p.b.GoOnline()
	p.account.Sync()
	assert.Equal(t, []string{"kept", "made on the way"}, shown(t, p.b))
	assert.Equal(t, []string{"kept", "made on the way"}, shown(t, p.a))
	assert.Equal(t, "name 499", get(t, p.b, "kept").User.Name)
}

// What was made offline and then delivered past is still new to the account.
func TestUnsentChangeOutlivesTheHistoryAroundIt(t *testing.T) {
	t.Parallel()
	p := newPair(t, open())
	p.account.Heal()
	rename(t, p.b, "old", "by the laptop")
	put(t, p.b, passkey("given to both", 5))
	put(t, p.a, passkey("given to both", 5))
	p.a.Sync()
	remove(t, p.a, "given to both")
	remove(t, p.a, "old")
	p.a.Sync()
	for {
		if _, more := p.b.Deliver(); !more {
			break
		}
	}
	for range 200 {
		put(t, p.a, passkey("short-lived", 2))
		remove(t, p.a, "short-lived")
		p.a.Sync()
		p.b.DeliverOnly([]byte("short-lived"))
	}
	for {
		if _, more := p.b.Deliver(); !more {
			break
		}
	}
	p.account.Sync()
	assert.Empty(t, shown(t, p.a), "a change to what is gone does not bring it back, nor does one that knew nothing of it")
}
