package provider_test

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// authenticatorOf is the authenticator of a device with the provider's app.
func authenticatorOf(t testing.TB, m *provider.Member) *authenticator.Authenticator {
	t.Helper()
	a, err := authenticator.New(m.App().Equip(authenticator.Phone()), authenticator.Env{
		Store: m.Store(), User: new(authenticator.ScriptedUser), Clock: newClock(), Random: seed.Stream(1, m.Name()),
	})
	require.NoError(t, err)
	return a
}

func register(t testing.TB, a *authenticator.Authenticator, user string) *ctap.MakeCredentialResponse {
	t.Helper()
	hash := sha256.Sum256([]byte(user))
	yes := true
	made, err := ctap.Call(t.Context(), a, &ctap.MakeCredentialRequest{
		ClientDataHash: hash[:], RP: ctap.RPEntity{ID: "site.test"}, User: ctap.UserEntity{ID: []byte(user), Name: user},
		PubKeyCredParams: []ctap.Parameters{{Type: ctap.PublicKey, Algorithm: int64(webauthn.ES256)}}, Options: &ctap.Options{RK: &yes, UV: &yes},
	})
	require.NoError(t, err)
	return made
}

func logIn(t testing.TB, a *authenticator.Authenticator) (*ctap.GetAssertionResponse, error) {
	t.Helper()
	hash := sha256.Sum256([]byte("challenge"))
	return ctap.Call(t.Context(), a, &ctap.GetAssertionRequest{RPID: "site.test", ClientDataHash: hash[:]})
}

// A passkey that one device's authenticator makes, another's signs with.
func TestAuthenticatorsShareAPasskey(t *testing.T) {
	t.Parallel()
	for _, p := range []provider.Provider{provider.ICloud(), provider.ICloudBeforeSync(), provider.GooglePasswordManager(), provider.Bitwarden(), provider.KeePassXC2711()} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			account := newAccount(t, provider.Options{Provider: p, Secret: "s"})
			m := join(t, account, "phone", "laptop")
			require.NoError(t, m[1].Unlock("s"))
			phone, laptop := authenticatorOf(t, m[0]), authenticatorOf(t, m[1])
			made := register(t, phone, "alice")
			_, err := logIn(t, laptop)
			require.ErrorIs(t, err, ctap.NoCredentials)
			account.Sync()
			for range 2 {
				answer, err := logIn(t, laptop)
				require.NoError(t, err)
				registered, err := webauthn.ParseAuthenticatorData(made.AuthData)
				require.NoError(t, err)
				asserted, err := webauthn.ParseAuthenticatorData(answer.AuthData)
				require.NoError(t, err)
				assert.Equal(t, registered.Attested.CredentialID, answer.Credential.ID)
				assert.Equal(t, p.AAGUID, registered.Attested.AAGUID)
				assert.Zero(t, asserted.SignCount)
				wantBE := p.Equip(authenticator.Phone()).BackupEligible || p.Backup.Eligible == provider.EligibleOnceStored
				assert.Equal(t, wantBE, asserted.Flags.Has(webauthn.BackupEligible))
			}
			account.Sync()
			_, err = logIn(t, phone)
			require.NoError(t, err)
		})
	}
}

// An authenticator whose device lacks the provider's key fails, and keeps nothing.
func TestAuthenticatorWithoutTheKey(t *testing.T) {
	t.Parallel()
	account := newAccount(t, provider.Options{Provider: provider.ICloud()})
	m := join(t, account, "phone", "laptop")
	laptop := authenticatorOf(t, m[1])
	hash := sha256.Sum256(nil)
	yes := true
	_, err := ctap.Call(t.Context(), laptop, &ctap.MakeCredentialRequest{
		ClientDataHash: hash[:], RP: ctap.RPEntity{ID: "site.test"}, User: ctap.UserEntity{ID: []byte("alice")},
		PubKeyCredParams: []ctap.Parameters{{Type: ctap.PublicKey, Algorithm: int64(webauthn.ES256)}}, Options: &ctap.Options{RK: &yes, UV: &yes},
	})
	require.Error(t, err)
	assert.Empty(t, shown(t, m[1]))
}

// Everything at once, for the race detector: devices that make and delete while
// others sync, join, leave and signal.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	clock := newClock()
	account := newAccount(t, provider.Options{Provider: listening(provider.Hides, provider.Removes), Clock: clock, Automatic: true})
	members := join(t, account, "a", "b", "c")
	var all sync.WaitGroup
	for i, m := range members {
		all.Go(func() {
			for n := range 40 {
				c := passkey(fmt.Sprintf("%d/%d", i, n), n%7)
				assert.NoError(t, m.Store().Commit(t.Context(), authenticator.Change{Put: []*authenticator.Credential{c}}))
				if n%3 == 0 {
					assert.NoError(t, m.Store().Commit(t.Context(), authenticator.Change{Delete: [][]byte{c.ID}}))
				}
				_, err := m.Store().Find(t.Context(), authenticator.Query{RPID: "site.test"})
				assert.NoError(t, err)
				m.UnknownCredential("site.test", c.ID)
			}
		})
	}
	all.Go(func() {
		for range 40 {
			account.Partition(members[0])
			account.Sync()
			account.Heal()
			account.Run()
			late, err := account.Join(provider.Device{Name: "late"})
			if assert.NoError(t, err) {
				late.Sync()
				_ = late.Status()
				late.Leave()
			}
			_, _ = account.Passkeys(), account.Conflicts()
		}
	})
	all.Wait()
	account.Heal()
	account.Sync()
	assert.Equal(t, shown(t, members[0]), shown(t, members[1]))
	assert.Equal(t, shown(t, members[0]), shown(t, members[2]))
}
