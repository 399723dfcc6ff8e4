package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func factor(id string, kind AuthenticatorType) Authenticator {
	return Authenticator{ID: id, UserID: "auth0|1", Type: kind, Secret: []byte("secret of " + id), Address: "a@example.com", UsedStep: 7, Created: at}
}

func TestSecondFactors(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		insert(t, s)
		app, recovery, mail := factor("totp|1", AuthenticatorOTP), factor("recovery-code|1", AuthenticatorRecoveryCode), factor("email|1", AuthenticatorEmail)
		mail.Secret = nil
		update := func(change func(*Tx) error) error { return s.Update(change) }
		require.NoError(t, update(func(tx *Tx) error { return tx.InsertAuthenticators([]Authenticator{app, recovery}, true) }))
		require.ErrorIs(t, update(func(tx *Tx) error { return tx.InsertAuthenticators([]Authenticator{mail}, true) }), ErrNotFound, "it is not the first")
		require.NoError(t, update(func(tx *Tx) error { return tx.InsertAuthenticators([]Authenticator{mail}, false) }))
		held, err := s.Authenticators("auth0|1")
		require.NoError(t, err)
		assert.Equal(t, []Authenticator{app, recovery, mail}, held)

		later := at.Add(time.Minute)
		require.ErrorIs(t, update(func(tx *Tx) error { return tx.UseStep(app.ID, 7, later) }), ErrNotFound, "a step is good once")
		require.NoError(t, update(func(tx *Tx) error { return tx.UseStep(app.ID, 9, later) }))
		require.ErrorIs(t, update(func(tx *Tx) error { return tx.UseStep(app.ID, 8, later) }), ErrNotFound, "nor is one before it")
		require.ErrorIs(t, update(func(tx *Tx) error { return tx.ReplaceSecret(recovery.ID, []byte("another"), []byte("next"), later) }), ErrNotFound)
		require.NoError(t, update(func(tx *Tx) error { return tx.ReplaceSecret(recovery.ID, recovery.Secret, []byte("next"), later) }))
		require.ErrorIs(t, update(func(tx *Tx) error { return tx.ReplaceSecret(recovery.ID, recovery.Secret, []byte("next"), later) }), ErrNotFound)
		require.NoError(t, update(func(tx *Tx) error { return tx.UseAuthenticator(mail.ID, later) }))
		held, err = s.Authenticators("auth0|1")
		require.NoError(t, err)
		assert.EqualValues(t, 9, held[0].UsedStep)
		assert.Equal(t, []byte("next"), held[1].Secret)
		for _, a := range held {
			assert.Equal(t, later, a.LastUsed)
		}

		require.ErrorIs(t, update(func(tx *Tx) error { return tx.DeleteAuthenticator("auth0|2", app.ID) }), ErrNotFound, "somebody else's")
		require.NoError(t, update(func(tx *Tx) error { return tx.DeleteAuthenticator("auth0|1", app.ID) }))
		held, err = s.Authenticators("auth0|1")
		require.NoError(t, err)
		assert.Len(t, held, 2)
		require.NoError(t, update(func(tx *Tx) error { return tx.DeleteAuthenticator("auth0|1", mail.ID) }))
		held, err = s.Authenticators("auth0|1")
		require.NoError(t, err)
		assert.Empty(t, held, "a recovery code alone is nothing to recover with")
	})
}
