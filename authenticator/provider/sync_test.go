package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

func TestStepByStep(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone", "laptop")
	phone, laptop := m[0], m[1]
	put(t, phone, passkey("one", 1))
	put(t, phone, passkey("two", 2))
	assert.Equal(t, []string{"one", "two"}, shown(t, phone), "a device shows its own changes at once")
	assert.Empty(t, a.Passkeys())
	assert.Equal(t, 2, phone.Status().Unsent)

	require.True(t, phone.Upload())
	assert.Len(t, a.Passkeys(), 1)
	assert.Empty(t, shown(t, laptop))
	assert.Equal(t, 1, laptop.Status().Undelivered)
	d, did := laptop.Deliver()
	require.True(t, did)
	assert.Equal(t, provider.Delivery{RPID: "site.test", ID: []byte("one")}, d)
	assert.Equal(t, []string{"one"}, shown(t, laptop))
	require.True(t, phone.Upload())
	require.False(t, phone.Upload(), "there is nothing more")

	remove(t, laptop, "one")
	laptop.Sync()
	assert.Equal(t, []string{"two"}, shown(t, laptop))
	assert.Equal(t, []string{"one", "two"}, shown(t, phone), "until it hears of it")
	d, did = phone.Deliver()
	require.True(t, did)
	assert.Equal(t, provider.Delivery{RPID: "site.test", ID: []byte("one"), Removed: true}, d)
	_, did = phone.Deliver()
	assert.False(t, did)
}

func TestDeliveriesOutOfOrder(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone", "laptop")
	phone, laptop := m[0], m[1]
	for _, id := range []string{"one", "two", "three"} {
		put(t, phone, passkey(id, len(id)*10+int(id[0])))
	}
	phone.Sync()
	d, did := laptop.DeliverOnly([]byte("three"))
	require.True(t, did)
	assert.Equal(t, "three", string(d.ID))
	assert.Equal(t, []string{"three"}, shown(t, laptop))
	assert.Equal(t, 2, laptop.Status().Undelivered)
	_, did = laptop.DeliverOnly([]byte("three"))
	assert.False(t, did, "no news")
	_, did = laptop.DeliverOnly([]byte("four"))
	assert.False(t, did, "no such passkey")
	for _, id := range []string{"one", "two"} {
		d, did = laptop.Deliver()
		require.True(t, did)
		assert.Equal(t, id, string(d.ID))
	}
	assert.Zero(t, laptop.Status().Undelivered)
}

// A device that comes late is told how things are, not how they came about.
func TestNewDeviceSeesNothingThatIsGone(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	phone := join(t, a, "phone")[0]
	join(t, a, "another, so that history is kept")
	put(t, phone, passkey("gone", 1))
	put(t, phone, passkey("here", 2))
	rename(t, phone, "here", "renamed")
	remove(t, phone, "gone")
	phone.Sync()
	tablet := join(t, a, "tablet")[0]
	for {
		d, more := tablet.Deliver()
		if !more {
			break
		}
		assert.Equal(t, "here", string(d.ID))
		assert.Equal(t, []string{"here"}, shown(t, tablet))
		assert.Equal(t, "renamed", get(t, tablet, "here").User.Name)
	}
	assert.Equal(t, []string{"here"}, shown(t, tablet))
}

func TestOutOfTouch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cut, mend func(*provider.Account, *provider.Member)
	}{
		"paused":      {func(_ *provider.Account, m *provider.Member) { m.Pause() }, func(_ *provider.Account, m *provider.Member) { m.Resume() }},
		"offline":     {func(_ *provider.Account, m *provider.Member) { m.GoOffline() }, func(_ *provider.Account, m *provider.Member) { m.GoOnline() }},
		"partitioned": {func(a *provider.Account, m *provider.Member) { a.Partition(m) }, func(a *provider.Account, _ *provider.Member) { a.Heal() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, provider.Options{Provider: open()})
			m := join(t, a, "phone", "laptop")
			put(t, m[0], passkey("of the phone", 1))
			a.Sync()
			c.cut(a, m[0])
			assert.False(t, m[0].Status().InTouch)
			put(t, m[0], passkey("made meanwhile", 2))
			put(t, m[1], passkey("of the laptop", 3))
			a.Sync()
			assert.ElementsMatch(t, []string{"of the phone", "made meanwhile"}, shown(t, m[0]), "it works with what it has")
			assert.ElementsMatch(t, []string{"of the phone", "of the laptop"}, shown(t, m[1]))
			assert.False(t, m[0].Upload())
			_, did := m[0].Deliver()
			assert.False(t, did)
			_, did = m[0].DeliverOnly([]byte("of the laptop"))
			assert.False(t, did)
			c.mend(a, m[0])
			a.Sync()
			assert.Len(t, shown(t, m[0]), 3)
			assert.Equal(t, shown(t, m[0]), shown(t, m[1]))
		})
	}
}

// A member of another account is not cut off by mistake.
func TestPartitionIsOfOneAccount(t *testing.T) {
	t.Parallel()
	a, b := newAccount(t, provider.Options{Provider: open()}), newAccount(t, provider.Options{Provider: open()})
	stranger := join(t, b, "stranger")[0]
	a.Partition(stranger)
	assert.True(t, stranger.Status().InTouch)
}

// A change of several passkeys is one for the account, though its parts may reach
// other devices one by one.
func TestChangesAreIndivisibleUpTheRoad(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone", "laptop")
	put(t, m[0], passkey("old", 1))
	a.Sync()
	require.NoError(t, m[0].Store().Commit(t.Context(), authenticator.Change{Delete: [][]byte{[]byte("old")}, Put: []*authenticator.Credential{passkey("new", 1)}}))
	require.True(t, m[0].Upload())
	assert.Len(t, a.Passkeys(), 1)
	_, _ = m[1].DeliverOnly([]byte("new"))
	assert.ElementsMatch(t, []string{"old", "new"}, shown(t, m[1]), "for a moment the laptop has both")
	m[1].Sync()
	assert.Equal(t, []string{"new"}, shown(t, m[1]))
}

// What is bound to a device stays on it, beside what is synced.
func TestDeviceBoundBesideSynced(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone", "laptop")
	bound, counts, synced := passkey("bound", 1), passkey("counts", 2), passkey("synced", 3)
	bound.BackupEligible, bound.BackedUp = false, false
	counts.SignCount = 7
	put(t, m[0], bound, counts, synced)
	a.Sync()
	assert.ElementsMatch(t, []string{"bound", "counts", "synced"}, shown(t, m[0]))
	assert.Equal(t, []string{"synced"}, shown(t, m[1]))
	held, err := m[0].Store().Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, held.Discoverable)
	held, err = m[1].Store().Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, held.Discoverable)
}

// A passkey of the device's own that may be synced after all moves, and is not in
// two places.
func TestOwnPasskeyMovesIntoTheAccount(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone", "laptop")
	own := passkey("one", 1)
	own.BackupEligible, own.BackedUp = false, false
	put(t, m[0], own)
	put(t, m[0], passkey("one", 1))
	assert.Equal(t, []string{"one"}, shown(t, m[0]))
	a.Sync()
	assert.Equal(t, []string{"one"}, shown(t, m[0]))
	assert.Equal(t, []string{"one"}, shown(t, m[1]))
}

func TestWhatAProviderTakes(t *testing.T) {
	t.Parallel()
	plain, eddsa := passkey("server-side", 1), passkey("EdDSA", 2)
	plain.Discoverable = false
	eddsa.Algorithm = -8
	for _, c := range []struct {
		provider provider.Provider
		synced   []string
	}{
		{open(), []string{"EdDSA", "server-side"}},
		{provider.GooglePasswordManager(), []string{}},
		{provider.KeePassXC(), []string{"EdDSA", "server-side"}},
		{provider.ICloud(), []string{"server-side"}},
		{provider.WindowsHello(), []string{}},
	} {
		t.Run(c.provider.Name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, provider.Options{Provider: c.provider, Secret: "s"})
			m := join(t, a, "one", "two")
			_ = m[1].Unlock("s")
			put(t, m[0], plain, eddsa)
			a.Sync()
			assert.Len(t, shown(t, m[0]), 2)
			assert.Equal(t, c.synced, shown(t, m[1]))
		})
	}
}
