package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/webauthn"
)

func sealed() provider.Provider {
	p := open()
	p.Boundary = provider.Boundary{Sealed: true, Approval: true, Recovery: true, Tries: 3}
	return p
}

// newSealed is an account with a passkey, on a device with the key, and a fresh
// device without.
func newSealed(t testing.TB, p provider.Provider, secret string) (a *provider.Account, phone, fresh *provider.Member) {
	a = newAccount(t, provider.Options{Provider: p, Secret: secret})
	m := join(t, a, "phone", "fresh")
	put(t, m[0], passkey("one", 1))
	a.Sync()
	return a, m[0], m[1]
}

func TestDeviceWithoutTheKeyCannotRead(t *testing.T) {
	t.Parallel()
	a, phone, fresh := newSealed(t, sealed(), "secret")
	assert.Equal(t, provider.Status{In: true, InTouch: true, Sealed: 1}, fresh.Status())
	assert.Equal(t, provider.Status{In: true, InTouch: true, Unlocked: true}, phone.Status())
	assert.Empty(t, shown(t, fresh))
	found, err := fresh.Store().Find(t.Context(), authenticator.Query{ID: []byte("one")})
	require.NoError(t, err)
	assert.Empty(t, found)
	found, err = fresh.Store().Find(t.Context(), authenticator.Query{RPID: "site.test"})
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Empty(t, fresh.HiddenPasskeys())
	assert.Empty(t, fresh.UnknownCredential("site.test", []byte("one")))
	_, _, err = fresh.Export()
	require.ErrorIs(t, err, provider.ErrSealed)
	_, err = fresh.Import(passkey("two", 2))
	require.ErrorIs(t, err, provider.ErrSealed)

	bound := passkey("bound", 3)
	bound.BackupEligible, bound.BackedUp = false, false
	both := authenticator.Change{Put: []*authenticator.Credential{bound, passkey("two", 2)}}
	require.ErrorIs(t, fresh.Store().Commit(t.Context(), both), provider.ErrSealed)
	assert.Empty(t, shown(t, fresh), "a change is made wholly or not at all")
	put(t, fresh, bound)
	assert.Equal(t, []string{"bound"}, shown(t, fresh), "its own passkeys need no key")
	remove(t, fresh, "one")
	a.Sync()
	assert.Equal(t, []string{"one"}, shown(t, phone), "what it cannot see it cannot delete")
}

func TestRecoveryWithTheSecret(t *testing.T) {
	t.Parallel()
	_, phone, fresh := newSealed(t, sealed(), "secret")
	require.ErrorIs(t, fresh.Unlock("guess"), provider.ErrSecret)
	require.NoError(t, fresh.Unlock("secret"))
	require.NoError(t, fresh.Unlock("whatever"), "it is open already")
	assert.Equal(t, []string{"one"}, shown(t, fresh))
	put(t, fresh, passkey("two", 2))
	phone.Account().Sync()
	assert.Equal(t, []string{"one", "two"}, shown(t, phone))
}

// The phone is gone, and with it every device that had the key.
func TestRecoveryAfterTheLastDeviceIsLost(t *testing.T) {
	t.Parallel()
	a, phone, fresh := newSealed(t, sealed(), "secret")
	require.NoError(t, a.Erase(phone))
	a.Sync()
	require.NoError(t, fresh.Unlock("secret"))
	assert.Equal(t, []string{"one"}, shown(t, fresh))
}

func TestTooManyTriesEndRecovery(t *testing.T) {
	t.Parallel()
	_, phone, fresh := newSealed(t, sealed(), "secret")
	for range 2 {
		require.ErrorIs(t, fresh.Unlock("guess"), provider.ErrSecret)
	}
	another := join(t, fresh.Account(), "another")[0]
	require.NoError(t, another.Unlock("secret"))
	for range 3 {
		require.ErrorIs(t, fresh.Unlock("guess"), provider.ErrSecret, "a right one in between begins the count anew")
	}
	require.ErrorIs(t, fresh.Unlock("secret"), provider.ErrNoSecret)
	require.NoError(t, phone.SetSecret("another"), "a device that has the key makes up for it")
	require.NoError(t, fresh.Unlock("another"))
}

func TestWithoutASecret(t *testing.T) {
	t.Parallel()
	never := sealed()
	never.Boundary.Recovery = false
	for name, c := range map[string]struct {
		provider provider.Provider
		secret   string
	}{"the owner has none": {sealed(), ""}, "the provider takes none": {never, "secret"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, phone, fresh := newSealed(t, c.provider, c.secret)
			require.ErrorIs(t, fresh.Unlock(c.secret), provider.ErrNoSecret)
			require.NoError(t, phone.Approve(fresh))
			assert.Equal(t, []string{"one"}, shown(t, fresh))
		})
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	_, phone, fresh := newSealed(t, sealed(), "secret")
	stranger := join(t, newAccount(t, provider.Options{Provider: sealed()}), "stranger")[0]
	require.ErrorIs(t, stranger.Approve(fresh), provider.ErrNotMember)
	require.ErrorIs(t, fresh.Approve(join(t, phone.Account(), "another")[0]), provider.ErrSealed)
	require.ErrorIs(t, fresh.SetSecret("mine"), provider.ErrSealed)
	phone.GoOffline()
	require.ErrorIs(t, phone.Approve(fresh), provider.ErrOutOfTouch)
	phone.GoOnline()
	require.NoError(t, phone.Approve(fresh))
	require.NoError(t, phone.Approve(fresh))

	no := sealed()
	no.Boundary.Approval = false
	_, phone, fresh = newSealed(t, no, "secret")
	require.ErrorIs(t, phone.Approve(fresh), provider.ErrApproval)
	fresh.GoOffline()
	require.ErrorIs(t, fresh.Unlock("secret"), provider.ErrOutOfTouch)
}

// Neither the key nor the secret: the owner begins again with nothing.
func TestStartAfresh(t *testing.T) {
	t.Parallel()
	a, phone, fresh := newSealed(t, sealed(), "secret")
	phone.GoOffline()
	put(t, phone, passkey("on the way", 2))
	require.NoError(t, fresh.StartAfresh("new secret"))
	assert.Empty(t, a.Passkeys())
	put(t, fresh, passkey("new", 3))
	a.Sync()
	assert.Equal(t, []string{"on the way", "one"}, shown(t, phone), "a device that has not heard goes on")
	phone.GoOnline()
	a.Sync()
	assert.Empty(t, shown(t, phone), "and then its key opens nothing any more")
	require.Len(t, a.Conflicts(), 1)
	assert.Equal(t, provider.LeftBehind, a.Conflicts()[0].Rule)
	assert.Contains(t, a.Conflicts()[0].String(), "phone")
	require.NoError(t, phone.Unlock("new secret"))
	assert.Equal(t, []string{"new"}, shown(t, phone))
}

func TestStartAfreshWithoutABoundary(t *testing.T) {
	t.Parallel()
	a, phone, fresh := newSealed(t, open(), "")
	require.NoError(t, fresh.StartAfresh(""))
	a.Sync()
	assert.Empty(t, shown(t, phone))
	assert.True(t, phone.Status().Unlocked)
}

func TestWhatProvidersCannotBe(t *testing.T) {
	t.Parallel()
	for what, p := range map[string]provider.Provider{
		"Name":     {},
		"Lag":      {Name: "x", Lag: provider.Lag{Down: -1}},
		"Tries":    {Name: "x", Boundary: provider.Boundary{Sealed: true, Tries: -1}},
		"Sealed":   {Name: "x", Boundary: provider.Boundary{Recovery: true}},
		"eligible": {Name: "x", Backup: provider.Backup{Default: provider.Flags{BackedUp: true}}},
	} {
		_, err := provider.NewAccount(provider.Options{Provider: p, Clock: newClock()})
		assert.ErrorContains(t, err, what)
	}
	_, err := provider.NewAccount(provider.Options{Provider: open()})
	assert.ErrorContains(t, err, "Clock")
	_, err = newAccount(t, provider.Options{Provider: open()}).Join(provider.Device{App: new(provider.Provider)})
	assert.ErrorContains(t, err, "Name")
}

// Each provider can be, is told apart from all others, and says where it is known
// from.
func TestAllProviders(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range provider.All() {
		require.NoError(t, p.Check())
		assert.NotEmpty(t, p.Basis, p.Name)
		assert.NotZero(t, p.AAGUID, p.Name)
		assert.False(t, seen[p.Name] || seen[p.ID], p.Name)
		seen[p.Name], seen[p.ID] = true, true
		assert.Regexp(t, `^[a-z0-9][a-z0-9.-]*$`, p.ID)
		found, err := provider.Lookup(p.ID)
		require.NoError(t, err)
		assert.Equal(t, p, found)
		for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.Laptop()} {
			equipped := p.Equip(model)
			require.NoError(t, equipped.Check(), p.Name)
			assert.Equal(t, p.AAGUID, equipped.AAGUID)
		}
	}
}

// A device that attests does so with the passkeys of providers that do, and of
// keystores that sync nothing.
func TestEquipAttestation(t *testing.T) {
	t.Parallel()
	attesting := authenticator.Laptop()
	attesting.AttestationFormats = []string{webauthn.FormatPacked}
	for p, want := range map[string]string{"icloud-keychain": webauthn.FormatNone, "samsung-pass": webauthn.FormatPacked, "windows-hello": webauthn.FormatPacked} {
		found, err := provider.Lookup(p)
		require.NoError(t, err)
		equipped := found.Equip(attesting)
		require.NoError(t, equipped.Check())
		assert.Equal(t, []string{want}, equipped.AttestationFormats, p)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	_, err := provider.Lookup("bitwraden")
	require.ErrorContains(t, err, `did you mean "bitwarden"?`)
	_, err = provider.Lookup("something else entirely")
	require.ErrorContains(t, err, "provider.All lists them")
}

func TestWhichDevicesMayJoin(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: provider.ICloud(), Managed: &provider.Management{ManagedDevicesOnly: true, NoExport: true, NoImport: true}})
	_, err := a.Join(provider.Device{Name: "phone", Platform: provider.Android, Managed: true})
	require.ErrorIs(t, err, provider.ErrPlatform)
	_, err = a.Join(provider.Device{Name: "phone", Platform: provider.Apple})
	require.ErrorIs(t, err, provider.ErrManaged)
	m, err := a.Join(provider.Device{Name: "phone", Platform: provider.Apple, Managed: true})
	require.NoError(t, err)
	put(t, m, passkey("one", 1))
	_, _, err = m.Export()
	require.ErrorIs(t, err, provider.ErrManaged)
	_, err = m.Import(passkey("two", 2))
	require.ErrorIs(t, err, provider.ErrManaged)
}

// When an organisation changes its rules, devices that may not be there any more
// are signed out as soon as they hear.
func TestRulesOfAnOrganisationChange(t *testing.T) {
	t.Parallel()
	for name, automatic := range map[string]bool{"automatic": true, "step by step": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, provider.Options{Provider: open(), Automatic: automatic})
			private := join(t, a, "private phone")[0]
			work, err := a.Join(provider.Device{Name: "work phone", Managed: true})
			require.NoError(t, err)
			put(t, work, passkey("one", 1))
			a.Sync()
			private.GoOffline()
			a.Manage(&provider.Management{ManagedDevicesOnly: true})
			assert.Equal(t, []string{"one"}, shown(t, private))
			private.GoOnline()
			a.Sync()
			assert.Empty(t, shown(t, private))
			assert.False(t, private.In())
			require.ErrorIs(t, a.Return(private), provider.ErrManaged)
			assert.Equal(t, []string{"one"}, shown(t, work))
			a.Manage(nil)
			require.NoError(t, a.Return(private))
		})
	}
}
