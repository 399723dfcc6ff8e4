package provider_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

func keeping() provider.Provider {
	p := open()
	p.Leave, p.Removal = provider.Keeps, provider.Keeps
	return p
}

// withTwo is an account with a passkey that both its devices have; the phone has
// one of its own too.
func withTwo(t testing.TB, o provider.Options) (a *provider.Account, phone, laptop *provider.Member) {
	a = newAccount(t, o)
	m := join(t, a, "phone", "laptop")
	bound := passkey("bound", 9)
	bound.BackupEligible, bound.BackedUp = false, false
	put(t, m[0], passkey("one", 1), bound)
	a.Sync()
	return a, m[0], m[1]
}

func TestLeave(t *testing.T) {
	t.Parallel()
	a, phone, laptop := withTwo(t, provider.Options{Provider: open()})
	put(t, phone, passkey("two", 2))
	phone.Leave()
	assert.False(t, phone.In())
	assert.Equal(t, []string{"bound"}, shown(t, phone), "its own stay")
	a.Sync()
	assert.Equal(t, []string{"one", "two"}, shown(t, laptop), "what it had not sent it sent when it left")
	assert.Equal(t, []*provider.Member{laptop}, a.Members())
	phone.Leave()
	put(t, phone, passkey("three", 3))
	phone.Sync()
	assert.Equal(t, []string{"bound", "three"}, shown(t, phone), "out of the account it keeps passkeys for itself")
	require.ErrorIs(t, phone.StartAfresh(""), provider.ErrNotMember)
	require.ErrorIs(t, a.Remove(phone), provider.ErrNotMember)

	require.NoError(t, a.Return(phone))
	require.NoError(t, a.Return(phone))
	a.Sync()
	assert.Equal(t, []string{"one", "three", "two"}, shown(t, laptop), "and brings them when it returns")
	assert.Equal(t, []string{"bound", "one", "three", "two"}, shown(t, phone))
}

func TestLeaveOutOfTouch(t *testing.T) {
	t.Parallel()
	a, phone, _ := withTwo(t, provider.Options{Provider: open()})
	phone.GoOffline()
	put(t, phone, passkey("two", 2))
	phone.Leave()
	assert.Equal(t, []string{"bound"}, shown(t, phone))
	require.Len(t, a.Conflicts(), 1)
	assert.Equal(t, provider.Conflict{Rule: provider.LeftBehind, Member: "phone", RPID: "site.test", ID: []byte("two")}, a.Conflicts()[0])
}

func TestCopiesStay(t *testing.T) {
	t.Parallel()
	clock := newClock()
	a, phone, laptop := withTwo(t, provider.Options{Provider: keeping(), Clock: clock})
	phone.GoOffline()
	put(t, phone, passkey("two", 2))
	phone.Leave()
	assert.Equal(t, []string{"bound", "one", "two"}, shown(t, phone))
	assert.Empty(t, a.Conflicts())
	rename(t, laptop, "one", "renamed")
	a.Sync()
	assert.Equal(t, "user1@site.test", get(t, phone, "one").User.Name, "copies that nobody syncs")
	rename(t, phone, "one", "of the copy")
	phone.GoOnline()
	clock.Advance(time.Hour)
	require.NoError(t, a.Return(phone))
	a.Sync()
	assert.Equal(t, "renamed", get(t, phone, "one").User.Name, "the account knows better")
	assert.Equal(t, []string{"one", "two"}, shown(t, laptop), "what it never had is new to it")
}

// A copy does not bring back what was deleted while its device was out.
func TestCopiesRaiseNothing(t *testing.T) {
	t.Parallel()
	p := keeping()
	p.Boundary = provider.Boundary{Sealed: true, Recovery: true}
	a, phone, laptop := withTwo(t, provider.Options{Provider: p, Secret: "s"})
	require.NoError(t, laptop.Unlock("s"))
	phone.Leave()
	remove(t, laptop, "one")
	for range 100 { // until nobody in the account remembers
		put(t, laptop, passkey("short-lived", 2))
		remove(t, laptop, "short-lived")
		a.Sync()
	}
	require.NoError(t, a.Return(phone))
	assert.Equal(t, []string{"bound", "one"}, shown(t, phone), "locked, with its copies")
	phone.Leave()
	require.NoError(t, a.Return(phone))
	require.NoError(t, phone.Unlock("s"))
	a.Sync()
	assert.Equal(t, []string{"bound"}, shown(t, phone))
	assert.Empty(t, shown(t, laptop))
}

// Hidden passkeys leave and return hidden.
func TestHiddenCopies(t *testing.T) {
	t.Parallel()
	p := keeping()
	p.Signals = provider.Signals{Unknown: provider.Hides, Accepted: provider.Hides}
	clock := newClock()
	a, phone, laptop := withTwo(t, provider.Options{Provider: p, Clock: clock})
	phone.GoOffline()
	put(t, phone, passkey("unsent", 2))
	phone.UnknownCredential("site.test", []byte("one"))
	phone.UnknownCredential("site.test", []byte("unsent"))
	phone.Leave()
	assert.Equal(t, []string{"bound"}, shown(t, phone))
	assert.Equal(t, []string{"one", "unsent"}, hidden(phone))
	clock.Advance(time.Hour)
	require.NoError(t, a.Return(phone))
	phone.GoOnline()
	a.Sync()
	assert.Equal(t, []string{"one"}, shown(t, laptop), "that it was hidden the account never heard")
	assert.Equal(t, []string{"unsent"}, hidden(laptop))
	assert.Equal(t, []string{"bound", "one"}, shown(t, phone))
}

// A stolen phone works until it hears that it was removed, and what it does until
// then the account does not take.
func TestRemovedFromAfar(t *testing.T) {
	t.Parallel()
	a, phone, laptop := withTwo(t, provider.Options{Provider: open()})
	phone.GoOffline()
	require.NoError(t, a.Remove(phone))
	assert.Equal(t, []*provider.Member{laptop}, a.Members())
	put(t, phone, passkey("two", 2))
	remove(t, phone, "one")
	assert.Equal(t, []string{"bound", "two"}, shown(t, phone))
	assert.True(t, phone.In(), "as far as it knows")
	phone.GoOnline()
	assert.False(t, phone.Upload())
	assert.Equal(t, []string{"bound"}, shown(t, phone))
	assert.False(t, phone.In())
	a.Sync()
	assert.Equal(t, []string{"one"}, shown(t, laptop))
	rules := []provider.Rule{}
	for _, c := range a.Conflicts() {
		rules = append(rules, c.Rule)
	}
	assert.Equal(t, []provider.Rule{provider.LeftBehind, provider.LeftBehind}, rules)
}

func TestErasedFromAfar(t *testing.T) {
	t.Parallel()
	for name, automatic := range map[string]bool{"automatic": true, "step by step": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, phone, laptop := withTwo(t, provider.Options{Provider: keeping(), Automatic: automatic})
			require.NoError(t, phone.Store().Commit(t.Context(), authenticator.Change{State: &authenticator.State{SignCount: 1}}))
			require.NoError(t, a.Remove(laptop))
			require.NoError(t, a.Erase(phone))
			phone.Sync()
			assert.Empty(t, shown(t, phone))
			held, err := phone.Store().Load(t.Context())
			require.NoError(t, err)
			assert.Zero(t, held)
			laptop.Sync()
			assert.Equal(t, []string{"one"}, shown(t, laptop), "copies stay where the provider leaves them")
			assert.Len(t, a.Passkeys(), 1)
		})
	}
}

// A reset by hand, or by authenticatorReset, empties the device and not the
// account.
func TestWipe(t *testing.T) {
	t.Parallel()
	for name, wipe := range map[string]func(*testing.T, *provider.Member){
		"by hand": func(_ *testing.T, m *provider.Member) { m.Wipe() },
		"by the store": func(t *testing.T, m *provider.Member) {
			require.NoError(t, m.Store().Commit(t.Context(), authenticator.Change{Wipe: true}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, phone, laptop := withTwo(t, provider.Options{Provider: keeping()})
			put(t, phone, passkey("two", 2))
			wipe(t, phone)
			assert.Empty(t, shown(t, phone))
			assert.False(t, phone.In())
			a.Sync()
			assert.Equal(t, []string{"one"}, shown(t, laptop))
			require.NoError(t, a.Return(phone))
			a.Sync()
			assert.Equal(t, []string{"one"}, shown(t, phone))
		})
	}
}

// A device brings the passkeys that it had before it joined.
func TestJoinWithPasskeys(t *testing.T) {
	t.Parallel()
	store := authenticator.NewMemoryStore()
	bound := passkey("bound", 9)
	bound.BackupEligible, bound.BackedUp = false, false
	require.NoError(t, store.Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{passkey("one", 1), bound}}))
	a := newAccount(t, provider.Options{Provider: open()})
	laptop := join(t, a, "laptop")[0]
	phone, err := a.Join(provider.Device{Name: "phone", Store: store})
	require.NoError(t, err)
	a.Sync()
	assert.Equal(t, []string{"one"}, shown(t, laptop))
	assert.Equal(t, []string{"bound", "one"}, shown(t, phone))
}
