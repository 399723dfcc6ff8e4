package provider_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestExportLeavesOutWhatMustStay(t *testing.T) {
	t.Parallel()
	p := listening(provider.Hides, provider.Hides)
	p.Counts, p.SameUser = true, provider.NewestShadows
	a := newAccount(t, provider.Options{Provider: p, Automatic: true})
	m := join(t, a, "phone")[0]
	bound, counts, plain, older := passkey("bound", 1), passkey("counts", 2), passkey("server-side", 3), passkey("shadowed", 5)
	bound.BackupEligible, bound.BackedUp = false, false
	counts.SignCount, plain.Discoverable, older.Created = 7, false, 1
	put(t, m, bound, counts, plain, older, passkey("hidden", 4), passkey("good", 5))
	m.UnknownCredential("site.test", []byte("hidden"))
	out, refused, err := m.Export()
	require.NoError(t, err)
	require.Len(t, out, 1)
	assert.Equal(t, "good", string(out[0].ID))
	reasons := map[string]string{}
	for _, r := range refused {
		reasons[string(r.ID)] = r.Reason
	}
	assert.Equal(t, map[string]string{
		"bound": "it is bound to its device", "counts": "its counter stands at 7", "server-side": "it is not discoverable",
		"hidden": "it is hidden, as its relying party does not accept it", "shadowed": "a newer passkey of the same user shadows it",
	}, reasons)
}

// Copies that a device kept when it left can still be taken elsewhere.
func TestExportOfCopies(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: keeping()})
	m := join(t, a, "phone")[0]
	plain := passkey("server-side", 3)
	plain.Discoverable = false
	put(t, m, passkey("one", 1), plain)
	m.Leave()
	out, refused, err := m.Export()
	require.NoError(t, err)
	require.Len(t, out, 1)
	require.Len(t, refused, 1)
	assert.Equal(t, "it is not discoverable", refused[0].Reason)
}

// What one provider exports another makes its own: other flags, the same key.
func TestMigration(t *testing.T) {
	t.Parallel()
	from := newAccount(t, provider.Options{Provider: provider.Bitwarden(), Automatic: true})
	old := join(t, from, "phone")[0]
	one := passkey("one", 1)
	one.Created, one.Extras = 7, &authenticator.Extras{CredBlob: []byte{1}}
	put(t, old, one, passkey("two", 2))
	out, _, err := old.Export()
	require.NoError(t, err)

	to := newAccount(t, provider.Options{Provider: provider.KeePassXC2711(), Automatic: true})
	fresh := join(t, to, "desktop")[0]
	put(t, fresh, passkey("already here", 3))
	done, err := fresh.Import(out...)
	require.NoError(t, err)
	assert.Equal(t, provider.Imported{Added: 2}, done)
	assert.Equal(t, []string{"already here", "one", "two"}, shown(t, fresh), "as the newest of their relying party")
	got := get(t, fresh, "one")
	assert.False(t, got.BackupEligible, "flags are the new provider's, whatever the relying party was told before")
	assert.Equal(t, one.PrivateKey, got.PrivateKey)
	assert.Equal(t, int64(7), got.Created)
	assert.Equal(t, one.Extras, got.Extras)
	assert.NotSame(t, one.Extras, got.Extras)
	again, err := fresh.Import(out...)
	require.NoError(t, err)
	assert.Equal(t, provider.Imported{Duplicates: 2}, again)
	assert.Len(t, to.Passkeys(), 3)
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	with := func(change func(*authenticator.Credential)) *authenticator.Credential {
		c := passkey("bad", 1)
		change(c)
		return c
	}
	for reason, bad := range map[string]*authenticator.Credential{
		"nil credential":                       nil,
		"credential ID of 0 bytes":             with(func(c *authenticator.Credential) { c.ID = nil }),
		"no RP ID":                             with(func(c *authenticator.Credential) { c.RPID = "" }),
		"it is not discoverable":               with(func(c *authenticator.Credential) { c.Discoverable = false }),
		"not discoverable":                     with(func(c *authenticator.Credential) { c.User.ID = nil }),
		"user handle has 65 bytes, at most 64": with(func(c *authenticator.Credential) { c.User.ID = make([]byte, 65) }),
		"its counter stands at 1":              with(func(c *authenticator.Credential) { c.SignCount = 1 }),
		"iCloud Keychain knows no EdDSA":       with(func(c *authenticator.Credential) { c.Algorithm = webauthn.EdDSA }),
		"credential key: ES256: has 3 bytes":   with(func(c *authenticator.Credential) { c.PrivateKey = authenticator.Secret{1, 2, 3} }),
		"another one has the same ID":          with(func(c *authenticator.Credential) { c.ID = []byte("good") }),
		"another passkey has its ID already":   with(func(c *authenticator.Credential) { c.ID = []byte("here") }),
		"another passkey has its ID already, other": with(func(c *authenticator.Credential) {
			c.ID, c.RPID, c.PrivateKey = []byte("here"), "other.test", passkey("here", 9).PrivateKey
		}),
		"another passkey has its ID already, own": with(func(c *authenticator.Credential) { c.ID = []byte("own") }),
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, provider.Options{Provider: provider.ICloud(), Automatic: true})
			m := join(t, a, "phone")[0]
			own := passkey("own", 8)
			own.BackupEligible, own.BackedUp = false, false
			put(t, m, passkey("here", 9), own)
			before := shown(t, m)
			_, err := m.Import(passkey("good", 2), bad)
			require.ErrorIs(t, err, provider.ErrRefused)
			var refused *provider.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Len(t, refused.Refused, 1, "and the good one is not blamed")
			want, _, _ := cut(reason)
			assert.ErrorContains(t, err, want)
			assert.Equal(t, before, shown(t, m))
			assert.Len(t, a.Passkeys(), 1)
		})
	}
}

// cut takes off what only tells two cases apart.
func cut(reason string) (before, after string, found bool) {
	for i := range reason {
		if reason[i] == ',' && i > 30 {
			return reason[:i], reason[i+1:], true
		}
	}
	return reason, "", false
}

// Where a provider keeps one passkey for a user, an imported one takes its place.
func TestImportForAUserWhoHasOne(t *testing.T) {
	t.Parallel()
	for rule, want := range map[provider.SameUser][]string{
		provider.KeepsBoth: {"here", "imported"}, provider.NewestWins: {"imported"}, provider.NewestShadows: {"imported"},
	} {
		p := open()
		p.SameUser = rule
		a := newAccount(t, provider.Options{Provider: p, Automatic: true})
		m := join(t, a, "phone")[0]
		here, imported := passkey("here", 1), passkey("imported", 1)
		here.Created, imported.Created = 1, 2
		put(t, m, here)
		_, err := m.Import(imported)
		require.NoError(t, err)
		assert.Equal(t, want, shown(t, m))
		assert.Empty(t, a.Conflicts())
	}
}

func TestImportOnADeviceInNoAccount(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open()})
	m := join(t, a, "phone")[0]
	m.Leave()
	_, err := m.Import(passkey("two", 2), passkey("one", 1))
	require.NoError(t, err)
	assert.Equal(t, []string{"two", "one"}, shown(t, m), "oldest first, in the order of the import")
	assert.Empty(t, a.Passkeys())
}
