package store

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sealer(t *testing.T, key byte) *Sealer {
	t.Helper()
	s, err := NewSealer(bytes.Repeat([]byte{key}, SealerKeySize), rand.Reader)
	require.NoError(t, err)
	return s
}

// TestSecretsAreSealed looks at the bytes of a file that had secrets before it had a key,
// and at those that come after.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.db")
	before, recovery := factor("totp|before", AuthenticatorOTP), factor("recovery-code|1", AuthenticatorRecoveryCode)
	after := factor("totp|after", AuthenticatorOTP)
	s, err := Open(path, nil)
	require.NoError(t, err)
	insert(t, s)
	require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertAuthenticators([]Authenticator{before, recovery}, true) }))
	_, err = s.KeepSigningKey([]byte("the signing key"), at)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.True(t, inFile(t, path, before.Secret), "without a key it is there to be read")

	for range 2 {
		s, err = Open(path, sealer(t, 1))
		require.NoError(t, err)
		assert.False(t, inFile(t, path, before.Secret), "from the moment that there is a key")
		held, err := s.Authenticators("auth0|1")
		require.NoError(t, err)
		assert.Equal(t, []Authenticator{before, recovery}, held)
		key, err := s.SigningKey()
		require.NoError(t, err)
		assert.Equal(t, "the signing key", string(key))
		require.NoError(t, s.Close())
	}
	s, err = Open(path, sealer(t, 1))
	require.NoError(t, err)
	require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertAuthenticators([]Authenticator{after}, false) }))
	require.NoError(t, s.Close())
	for _, secret := range [][]byte{before.Secret, after.Secret, []byte("the signing key")} {
		assert.False(t, inFile(t, path, secret), string(secret))
	}

	for name, wrong := range map[string]*Sealer{"another key": sealer(t, 2), "none": nil} {
		_, err = Open(path, wrong)
		require.ErrorIs(t, err, ErrDataKey, name)
	}
	s, err = Open(path, sealer(t, 1))
	require.NoError(t, err, "and nothing was changed by those")
	held, err := s.Authenticators("auth0|1")
	require.NoError(t, err)
	assert.Len(t, held, 3)

	// A sealed secret is good in its place alone.
	require.NoError(t, s.Update(func(tx *Tx) error {
		_, err := tx.tx.Exec(`UPDATE authenticators SET secret = (SELECT secret FROM authenticators WHERE id = 'totp|after') WHERE id = 'totp|before'`)
		return err
	}))
	_, err = s.Authenticators("auth0|1")
	require.ErrorContains(t, err, "totp|before does not open")
	require.NoError(t, s.Close())
}

// inFile looks for bytes in a database and in what lies beside it.
func inFile(t *testing.T, path string, what []byte) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if suffix != "" && os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		if bytes.Contains(data, what) {
			return true
		}
	}
	return false
}

// TestSealedDatabases does on every database what TestSecretsAreSealed does on a file.
func TestSealedDatabases(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s, err := Open(where, sealer(t, 1))
		require.NoError(t, err)
		insert(t, s)
		app := factor("totp|1", AuthenticatorOTP)
		require.NoError(t, s.Update(func(tx *Tx) error { return tx.InsertAuthenticators([]Authenticator{app}, true) }))
		kept, err := s.KeepSigningKey([]byte("the signing key"), at)
		require.NoError(t, err)
		assert.Equal(t, "the signing key", string(kept))
		held, err := s.Authenticators("auth0|1")
		require.NoError(t, err)
		assert.Equal(t, []Authenticator{app}, held)
		require.NoError(t, s.Close())
		if where == "" {
			return
		}
		_, err = Open(where, nil)
		require.ErrorIs(t, err, ErrDataKey)
	})
}

func TestDataKeysHaveTheirSize(t *testing.T) {
	t.Parallel()
	_, err := NewSealer(make([]byte, 16), rand.Reader)
	require.ErrorContains(t, err, "16 bytes")
}
