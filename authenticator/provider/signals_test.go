package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

func listening(unknown, accepted provider.Reaction) provider.Provider {
	p := open()
	p.Signals = provider.Signals{Unknown: unknown, Accepted: accepted, Details: true}
	return p
}

// twoOfOne is an account with two passkeys of user 1 and one of user 2.
func twoOfOne(t testing.TB, p provider.Provider) (a *provider.Account, phone, laptop *provider.Member) {
	a = newAccount(t, provider.Options{Provider: p, Automatic: true})
	m := join(t, a, "phone", "laptop")
	put(t, m[0], passkey("a", 1), passkey("b", 1), passkey("c", 2))
	return a, m[0], m[1]
}

func effect(what provider.Happening, ids ...string) (all []provider.Effect) {
	for _, id := range ids {
		all = append(all, provider.Effect{ID: []byte(id), What: what})
	}
	return all
}

func hidden(m *provider.Member) (ids []string) {
	for _, c := range m.HiddenPasskeys() {
		ids = append(ids, string(c.ID))
	}
	return ids
}

func TestSignalUnknownCredential(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		react         provider.Reaction
		rpID, id      string
		effects       []provider.Effect
		shown, hidden []string
		left          int
	}{
		{"removes", provider.Removes, "site.test", "a", effect(provider.Removed, "a"), []string{"b", "c"}, nil, 2},
		{"hides", provider.Hides, "site.test", "a", effect(provider.Hidden, "a"), []string{"b", "c"}, []string{"a"}, 3},
		{"ignores", provider.Ignores, "site.test", "a", nil, []string{"a", "b", "c"}, nil, 3},
		{"of another relying party", provider.Removes, "other.test", "a", nil, []string{"a", "b", "c"}, nil, 3},
		{"of nobody", provider.Removes, "site.test", "z", nil, []string{"a", "b", "c"}, nil, 3},
		{"of an empty ID", provider.Removes, "site.test", "", nil, []string{"a", "b", "c"}, nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, phone, laptop := twoOfOne(t, listening(c.react, provider.Ignores))
			assert.Equal(t, c.effects, phone.UnknownCredential(c.rpID, []byte(c.id)))
			assert.Equal(t, c.shown, shown(t, laptop), "on every device")
			assert.Equal(t, c.hidden, hidden(laptop))
			assert.Len(t, a.Passkeys(), c.left)
			assert.Empty(t, phone.UnknownCredential(c.rpID, []byte(c.id)), "again, it is no news")
		})
	}
}

func TestSignalAllAcceptedCredentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		react         provider.Reaction
		accepted      []string
		effects       []provider.Effect
		shown, hidden []string
	}{
		{"all of them", provider.Removes, []string{"a", "b"}, nil, []string{"a", "b", "c"}, nil},
		{"and some that nobody has", provider.Removes, []string{"z", "b", "a"}, nil, []string{"a", "b", "c"}, nil},
		{"one of them", provider.Removes, []string{"a"}, effect(provider.Removed, "b"), []string{"a", "c"}, nil},
		{"one of them, of one that hides", provider.Hides, []string{"a"}, effect(provider.Hidden, "b"), []string{"a", "c"}, []string{"b"}},
		{"an empty list takes all", provider.Removes, nil, effect(provider.Removed, "a", "b"), []string{"c"}, nil},
		{"an empty list hides all", provider.Hides, nil, effect(provider.Hidden, "a", "b"), []string{"c"}, []string{"a", "b"}},
		{"another user's are no business of it", provider.Removes, []string{"c"}, effect(provider.Removed, "a", "b"), []string{"c"}, nil},
		{"to one that ignores it", provider.Ignores, nil, nil, []string{"a", "b", "c"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, phone, laptop := twoOfOne(t, listening(provider.Ignores, c.react))
			ids := [][]byte{}
			for _, id := range c.accepted {
				ids = append(ids, []byte(id))
			}
			assert.Equal(t, c.effects, phone.AllAcceptedCredentials("site.test", []byte("user 1"), ids))
			assert.Equal(t, c.shown, shown(t, laptop))
			assert.Equal(t, c.hidden, hidden(laptop))
		})
	}
}

// A hidden passkey comes back when a list has it again; a removed one does not.
func TestUnhide(t *testing.T) {
	t.Parallel()
	for react, back := range map[provider.Reaction][]provider.Effect{
		provider.Hides: effect(provider.Unhidden, "a", "b"), provider.Removes: nil,
	} {
		_, phone, laptop := twoOfOne(t, listening(react, react))
		phone.AllAcceptedCredentials("site.test", []byte("user 1"), nil)
		assert.Equal(t, back, laptop.AllAcceptedCredentials("site.test", []byte("user 1"), [][]byte{[]byte("a"), []byte("b")}))
		assert.Equal(t, back != nil, len(shown(t, phone)) == 3)
		held, err := phone.Store().Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, len(shown(t, phone)), held.Discoverable)
	}
}

// A provider that does not listen to lists does not show again what it hid for
// another reason.
func TestDeafToLists(t *testing.T) {
	t.Parallel()
	_, phone, _ := twoOfOne(t, listening(provider.Hides, provider.Ignores))
	phone.UnknownCredential("site.test", []byte("a"))
	assert.Empty(t, phone.AllAcceptedCredentials("site.test", []byte("user 1"), [][]byte{[]byte("a"), []byte("b")}))
	assert.Equal(t, []string{"a"}, hidden(phone))
}

func TestSignalCurrentUserDetails(t *testing.T) {
	t.Parallel()
	_, phone, laptop := twoOfOne(t, listening(provider.Hides, provider.Hides))
	phone.UnknownCredential("site.test", []byte("b"))
	assert.Equal(t, effect(provider.Renamed, "a", "b"), phone.CurrentUserDetails("site.test", []byte("user 1"), "new@site.test", "New"))
	assert.Equal(t, "new@site.test", get(t, laptop, "a").User.Name)
	assert.Equal(t, "New", get(t, laptop, "a").User.DisplayName)
	assert.Equal(t, []byte("user 1"), get(t, laptop, "a").User.ID)
	assert.Equal(t, []string{"b"}, hidden(laptop), "renaming does not show what is hidden")
	assert.Equal(t, "new@site.test", laptop.HiddenPasskeys()[0].User.Name)
	assert.Equal(t, "user2@site.test", get(t, laptop, "c").User.Name)
	assert.Empty(t, phone.CurrentUserDetails("site.test", []byte("user 1"), "new@site.test", "New"), "no news")
	deaf := listening(provider.Hides, provider.Hides)
	deaf.Signals.Details = false
	_, phone, _ = twoOfOne(t, deaf)
	assert.Empty(t, phone.CurrentUserDetails("site.test", []byte("user 1"), "new@site.test", "New"))
}

// The device that a signal reaches knows only what has reached it: a list that
// lacks the passkey just made on another device hides it everywhere, once the two
// meet.
func TestListWithoutTheNewestPasskey(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: listening(provider.Hides, provider.Hides)})
	m := join(t, a, "phone", "laptop")
	put(t, m[0], passkey("a", 1))
	a.Sync()
	put(t, m[0], passkey("new", 1))
	assert.Equal(t, effect(provider.Hidden, "new"), m[0].AllAcceptedCredentials("site.test", []byte("user 1"), [][]byte{[]byte("a")}))
	assert.Empty(t, m[1].AllAcceptedCredentials("site.test", []byte("user 1"), [][]byte{[]byte("a")}), "the laptop has not heard of it")
	a.Sync()
	assert.Equal(t, []string{"a"}, shown(t, m[1]))
	assert.Equal(t, effect(provider.Unhidden, "new"), m[1].AllAcceptedCredentials("site.test", []byte("user 1"), [][]byte{[]byte("a"), []byte("new")}))
	a.Sync()
	assert.Equal(t, []string{"a", "new"}, shown(t, m[0]))
}

// A provider that shadows sees only the newest passkey of a user, and a signal is
// about no other.
func TestSignalsSkipShadowed(t *testing.T) {
	t.Parallel()
	p := provider.GooglePasswordManager()
	a := newAccount(t, provider.Options{Provider: p, Automatic: true})
	phone := join(t, a, "phone")[0]
	older, newer := passkey("older", 1), passkey("newer", 1)
	older.Created, newer.Created = start.Unix()-10, start.Unix()
	put(t, phone, older, newer)
	assert.Equal(t, []string{"newer"}, shown(t, phone))
	assert.Equal(t, effect(provider.Hidden, "newer"), phone.AllAcceptedCredentials("site.test", []byte("user 1"), nil))
	assert.Empty(t, shown(t, phone), "even hidden, the newer one shadows the older")
}

// A keystore of one device hears signals too.
func TestSignalsToDeviceBound(t *testing.T) {
	t.Parallel()
	bound := func() *authenticator.Credential {
		c := passkey("a", 1)
		c.BackupEligible, c.BackedUp = false, false
		return c
	}
	a := newAccount(t, provider.Options{Provider: provider.WindowsHello(), Automatic: true})
	pc := join(t, a, "PC")[0]
	put(t, pc, bound())
	assert.Equal(t, effect(provider.Renamed, "a"), pc.CurrentUserDetails("site.test", []byte("user 1"), "new", "New"))
	assert.Equal(t, "new", get(t, pc, "a").User.Name)
	assert.Equal(t, effect(provider.Removed, "a"), pc.UnknownCredential("site.test", []byte("a")))
	assert.Empty(t, shown(t, pc))

	_, phone, laptop := twoOfOne(t, listening(provider.Hides, provider.Hides))
	own := bound()
	own.ID = []byte("own")
	put(t, phone, own)
	assert.Equal(t, effect(provider.Hidden, "own"), phone.UnknownCredential("site.test", []byte("own")))
	assert.Equal(t, []string{"own"}, hidden(phone))
	assert.Empty(t, hidden(laptop))
	assert.Equal(t, effect(provider.Renamed, "a", "b", "own"), phone.CurrentUserDetails("site.test", []byte("user 1"), "new", "New"))
	assert.Equal(t, []string{"own"}, hidden(phone))
	accepted := [][]byte{[]byte("a"), []byte("b"), []byte("own")}
	assert.Equal(t, effect(provider.Unhidden, "own"), phone.AllAcceptedCredentials("site.test", []byte("user 1"), accepted))
	assert.Equal(t, "new", get(t, phone, "own").User.Name)
	phone.UnknownCredential("site.test", []byte("own"))
	phone.Wipe()
	assert.Empty(t, hidden(phone))
}

// A passkey that is hidden on one device and renamed on another is both.
func TestHideAgainstRename(t *testing.T) {
	t.Parallel()
	bothOrders(t, listening(provider.Hides, provider.Hides), func(t *testing.T, p *pair, heal func()) {
		p.a.UnknownCredential("site.test", []byte("old"))
		p.then()
		rename(t, p.b, "old", "renamed")
		heal()
		require.Equal(t, []string{"old"}, hidden(p.b))
		assert.Equal(t, "renamed", p.a.HiddenPasskeys()[0].User.Name)
	})
}
