package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// flagsOf are BE and BS as the device's next assertion would show them.
func flagsOf(t *testing.T, m *provider.Member) provider.Flags {
	c := get(t, m, "one")
	return provider.Flags{Eligible: c.BackupEligible, BackedUp: c.BackedUp}
}

// madeWith puts the passkey that an authenticator with the provider's app makes.
func madeWith(t *testing.T, m *provider.Member) {
	model := m.App().Equip(authenticator.Phone())
	c := passkey("one", 1)
	c.BackupEligible, c.BackedUp = model.BackupEligible, model.BackedUp
	put(t, m, c)
}

var (
	none     = provider.Flags{}
	eligible = provider.Flags{Eligible: true}
	both     = provider.Flags{Eligible: true, BackedUp: true}
)

func TestFlagsOverTime(t *testing.T) {
	t.Parallel()
	onceStored, elsewhere := open(), open()
	onceStored.Name, onceStored.Backup.State = "backed up once stored", provider.BackedUpOnceStored
	elsewhere.Name, elsewhere.Backup.State = "backed up elsewhere", provider.BackedUpElsewhere
	for _, c := range []struct {
		provider                                provider.Provider
		registered, made, stored, spread, alone provider.Flags
	}{
		{open(), both, both, both, both, both},
		{onceStored, eligible, eligible, both, both, both},
		{elsewhere, eligible, eligible, eligible, both, eligible},
		{provider.ICloud(), both, both, both, both, both},
		{provider.ICloudBeforeSync(), none, none, both, both, both},
		{provider.ICloud2022(), both, none, none, none, none},
		{provider.GooglePasswordManager(), both, both, both, both, both},
		{provider.KeePassXC2711(), none, none, none, none, none},
		{provider.SamsungPass(), none, none, none, none, none},
		{provider.KeePassXC(), both, both, both, both, both},
		{provider.WindowsHello(), none, none, none, none, none},
	} {
		t.Run(c.provider.Name, func(t *testing.T) {
			t.Parallel()
			model := c.provider.Equip(authenticator.Phone())
			assert.Equal(t, c.registered, provider.Flags{Eligible: model.BackupEligible, BackedUp: model.BackedUp}, "at registration")
			require.NoError(t, model.Check())
			a := newAccount(t, provider.Options{Provider: c.provider, Secret: "s"})
			m := join(t, a, "phone", "laptop")
			_ = m[1].Unlock("s")
			madeWith(t, m[0])
			assert.Equal(t, c.made, flagsOf(t, m[0]), "before it is sent")
			m[0].Sync()
			assert.Equal(t, c.stored, flagsOf(t, m[0]), "when the account has it")
			m[1].Sync()
			assert.Equal(t, c.spread, flagsOf(t, m[0]), "when another device has it")
			rename(t, m[0], "one", "renamed")
			assert.Equal(t, c.spread, flagsOf(t, m[0]), "when it is changed")
			a.Sync()
			if len(shown(t, m[1])) > 0 {
				assert.Equal(t, c.spread, flagsOf(t, m[1]), "on the other device")
			}
			m[1].Leave()
			assert.Equal(t, c.alone, flagsOf(t, m[0]), "when that one is gone")
		})
	}
}

// An upgrade of the app changes the flags of passkeys that none were kept with,
// and of no others; two programs for the same passkeys disagree.
func TestFlagsOfAnUpgradedApp(t *testing.T) {
	t.Parallel()
	old := provider.KeePassXC2711()
	a := newAccount(t, provider.Options{Provider: old, Secret: "s"})
	m := join(t, a, "desktop", "another desktop")
	require.NoError(t, m[1].Unlock("s"))
	madeWith(t, m[0])
	a.Sync()
	require.NoError(t, m[1].Upgrade(provider.KeePassXC()))
	assert.Equal(t, none, flagsOf(t, m[0]))
	assert.Equal(t, both, flagsOf(t, m[1]), "the same passkey, read by the next version")
	rename(t, m[1], "one", "renamed")
	a.Sync()
	assert.Equal(t, "renamed", get(t, m[0], "one").User.Name)
	assert.Equal(t, none, flagsOf(t, m[0]), "what was only shown is not written down")
	require.NoError(t, m[0].Upgrade(provider.KeePassXC()))
	assert.Equal(t, both, flagsOf(t, m[0]))
	assert.Error(t, m[0].Upgrade(provider.Provider{}))
}

// What another app shows is counted anew.
func TestUpgradeCounts(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone")[0]
	put(t, m, passkey("one", 1), passkey("two", 1))
	held, err := m.Store().Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, held.Discoverable)
	shadows := open()
	shadows.SameUser = provider.NewestShadows
	require.NoError(t, m.Upgrade(shadows))
	held, err = m.Store().Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, held.Discoverable)
}

func TestAppOfADevice(t *testing.T) {
	t.Parallel()
	app := provider.KeePassXC()
	a := newAccount(t, provider.Options{Provider: provider.KeePassXC2711()})
	m, err := a.Join(provider.Device{Name: "desktop", App: &app})
	require.NoError(t, err)
	assert.Equal(t, "KeePassXC", m.App().Name)
}

// What goes through a flag that is only shown and back does not stick.
func TestShownFlagsAreNotStored(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: provider.ICloud2022()})
	m := join(t, a, "phone")
	madeWith(t, m[0])
	a.Sync()
	rename(t, m[0], "one", "renamed") // puts back BE 0
	a.Sync()
	stored := a.Passkeys()
	require.Len(t, stored, 1, "it has not become bound to the device")
	assert.True(t, stored[0].BackupEligible)
}

// A device that was removed does not count as one that has a backup, though it has
// not heard yet.
func TestRemovedDeviceIsNoBackup(t *testing.T) {
	t.Parallel()
	p := open()
	p.Backup.State = provider.BackedUpElsewhere
	a := newAccount(t, provider.Options{Provider: p})
	m := join(t, a, "phone", "laptop")
	madeWith(t, m[0])
	a.Sync()
	require.Equal(t, both, flagsOf(t, m[0]))
	m[1].GoOffline()
	require.NoError(t, a.Remove(m[1]))
	assert.Equal(t, eligible, flagsOf(t, m[0]))
}
