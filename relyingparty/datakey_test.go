package relyingparty

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/totp"
)

func TestDataKeysAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	keys, makers := [8][]byte{}, [8]bool{}
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			keys[i], makers[i], err = KeepDataKey(path, rand.Reader)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	made := 0
	for i := range keys {
		assert.Len(t, keys[i], DataKeySize)
		assert.Equal(t, keys[0], keys[i], "of those that start at once all have the same")
		if makers[i] {
			made++
		}
	}
	assert.Equal(t, 1, made)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, files, 1, "nothing is left beside it")

	for name, text := range map[string]string{"nothing": "", "no digits": "hello", "too short": "0011", "too long": string(bytes.Repeat([]byte("00"), 600))} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, _, err = KeepDataKey(path, rand.Reader)
		require.ErrorContains(t, err, "64 hexadecimal digits", name)
	}
	_, _, err = KeepDataKey(filepath.Join(path, "in a file"), rand.Reader)
	require.Error(t, err)
}

// TestSecretsNeedTheDataKey has a site keep an authenticator app, and looks for its key in
// the file.
func TestSecretsNeedTheDataKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.db")
	with := func(key []byte) func(*Config) {
		return func(c *Config) { c.Data, c.DataKey, c.SigningKey = path, key, nil }
	}
	key := bytes.Repeat([]byte{7}, DataKeySize)
	s, clock := newSite(t, withSecondFactor, with(key))
	app, _ := visitSite(t, s).signUpWithApp(clock, "ann@example.com")
	_, err := s.signer()
	require.NoError(t, err)
	require.NoError(t, s.Close())
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		assert.NotContains(t, string(data), string(app.secret), name)
		assert.NotContains(t, string(data), totp.Text(app.secret), name)
	}
	c := Config{BaseURL: testOrigin, Clock: clock.Now, Random: rand.Reader}
	for name, wrong := range map[string][]byte{"none": nil, "another": bytes.Repeat([]byte{8}, DataKeySize)} {
		with(wrong)(&c)
		_, err := New(c)
		require.ErrorIs(t, err, ErrDataKey, name)
	}
	with([]byte("short"))(&c)
	_, err = New(c)
	require.ErrorContains(t, err, "5 bytes")
	again, _ := newSite(t, withSecondFactor, with(key), func(c *Config) { c.Clock = clock.Now })
	b := visitSite(t, again)
	require.Equal(t, "mfa-otp-challenge", b.logInWithPassword("ann@example.com", goodPassword).screen())
	assert.Equal(t, "passkey-enrollment", b.submit(pathOTPChallenge, "code", app.code()).screen())
}
