package client_test

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestSetPIN(t *testing.T) {
	t.Parallel()
	key := newAuthenticator(t, authenticator.PINKey())
	set := func(old, pin string) error { return client.SetPIN(t.Context(), key, rand.Reader, old, pin) }
	assert.ErrorContains(t, set("", "123"), "it has 3 characters, 4 to 63 are allowed")
	assert.ErrorIs(t, set("2718", "1234"), ctap.PINNotSet)
	require.NoError(t, set("", "2718"))
	assert.ErrorIs(t, set("", "1234"), ctap.PINAuthInvalid, "there is one already")
	assert.ErrorIs(t, set("0000", "1234"), ctap.PINInvalid)
	require.NoError(t, set("2718", "3141"))

	browser, err := client.New(client.Config{
		PIN: typing("2718", "3141"), Authenticators: client.Attached(client.Authenticator{Name: "key", Transport: key}),
	})
	require.NoError(t, err)
	_, err = browser.Create(t.Context(), page, creating(webauthn.Required))
	assert.NoError(t, err, "by the new PIN, after the old one was wrong")
	assert.ErrorIs(t, client.SetPIN(t.Context(), newAuthenticator(t, authenticator.Laptop()), rand.Reader, "", "1234"), ctap.InvalidSubcommand, "which takes none")
}
