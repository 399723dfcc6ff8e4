package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var start = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func newClock() *authenticator.ManualClock { return authenticator.NewManualClock(start) }

func newAccount(t testing.TB, o provider.Options) *provider.Account {
	t.Helper()
	if o.Clock == nil {
		o.Clock = newClock()
	}
	if o.Name == "" {
		o.Name = "the account"
	}
	a, err := provider.NewAccount(o)
	require.NoError(t, err)
	return a
}

// open is a provider without a boundary, so that every device can read.
func open() provider.Provider { return provider.Provider{Name: "open"} }

func join(t testing.TB, a *provider.Account, names ...string) []*provider.Member {
	t.Helper()
	members := make([]*provider.Member, len(names))
	for i, name := range names {
		m, err := a.Join(provider.Device{Name: name})
		require.NoError(t, err)
		members[i] = m
	}
	return members
}

// passkey is a synced one, of a user who is told by number.
func passkey(id string, user int) *authenticator.Credential {
	return &authenticator.Credential{
		ID: []byte(id), RPID: "site.test",
		User:      ctap.UserEntity{ID: fmt.Appendf(nil, "user %d", user), Name: fmt.Sprintf("user%d@site.test", user), DisplayName: "User"},
		Algorithm: webauthn.ES256, PrivateKey: authenticator.Secret(fmt.Sprintf("%032d", 1+user)),
		Discoverable: true, BackupEligible: true, BackedUp: true, Sequence: 1,
	}
}

func put(t testing.TB, m *provider.Member, all ...*authenticator.Credential) {
	t.Helper()
	require.NoError(t, m.Store().Commit(t.Context(), authenticator.Change{Put: all}))
}

func remove(t testing.TB, m *provider.Member, id string) {
	t.Helper()
	require.NoError(t, m.Store().Commit(t.Context(), authenticator.Change{Delete: [][]byte{[]byte(id)}}))
}

func rename(t testing.TB, m *provider.Member, id, name string) {
	t.Helper()
	renamed := *get(t, m, id)
	renamed.User.Name = name
	put(t, m, &renamed)
}

// get returns the passkey that the device shows under an ID.
func get(t testing.TB, m *provider.Member, id string) *authenticator.Credential {
	t.Helper()
	found, err := m.Store().Find(t.Context(), authenticator.Query{ID: []byte(id)})
	require.NoError(t, err)
	require.Len(t, found, 1, "%s shows %s", m.Name(), id)
	return found[0]
}

// shown lists the IDs that a device shows.
func shown(t testing.TB, m *provider.Member) []string {
	t.Helper()
	found, err := m.Store().Find(t.Context(), authenticator.Query{})
	require.NoError(t, err)
	ids := []string{}
	for _, c := range found {
		ids = append(ids, string(c.ID))
	}
	return ids
}
